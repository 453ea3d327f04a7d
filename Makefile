# make install · demo · run · test · test-unit · test-sockets · test-peers · mutants · check · bench · texts · lock
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PROMPT SIZE SEED
ON_PATH := $(BIN)/python -m

.PHONY: install install-dev demo run test test-unit test-sockets test-peers mutants check bench texts lock clean

install: $(VENV)/.runtime
install-dev: $(VENV)/.dev

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Zeuxis needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(ON_PATH) pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(ON_PATH) pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $(VENV)/.runtime $@

# make demo                                          sandbox, bot and page, until Ctrl-C
# make demo PROMPT="…" [SIZE=1024*1024] [SEED=7]     one request, played in the terminal
demo: install
	@$(ON_PATH) sandbox.demo $(if $(PROMPT),--prompt "$$PROMPT") $(if $(SIZE),--size "$$SIZE") $(if $(SEED),--seed "$$SEED")

run: install
	$(ON_PATH) bot run

# WORKERS=0 runs one test after another, in one process
WORKERS ?= auto
PYTEST := pytest -n $(WORKERS) --dist worksteal

# what is paid, posted and kept: below the floor the build fails
FLOOR := 95
FLOORED := 'bot/dispatcher*' 'bot/delivery/*' 'bot/db/*,bot/queue/*,bot/features/moderation/rows/*'

test: install-dev
	$(BIN)/coverage erase
	rm -rf test-output/statements
	ZEUXIS_STATEMENTS=test-output/statements $(BIN)/coverage run -m $(PYTEST)
	$(ON_PATH) tests.postgres test-output/statements
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover
	@for files in $(FLOORED); do \
	  echo "$$files: at least $(FLOOR) % of lines and branches"; \
	  $(BIN)/coverage report --include="$$files" --format=total --fail-under=$(FLOOR) || exit 1; \
	done

# those that need nothing but this process and its disk, about a minute; those with sockets in it
test-unit test-sockets: install-dev
	$(ON_PATH) $(PYTEST) -m $(@:test-%=%)

# clients that others wrote, against the sandbox
test-peers: install-dev
	sandbox/tests/peers/install
	ZEUXIS_PEERS=1 $(ON_PATH) pytest -m peers sandbox/tests/peers

# small changes of the bot that tests should notice, on two cores an hour; PACKAGE=queue for one
mutants: install-dev
	uv pip install --quiet --python $(BIN)/python --group mutants
	$(ON_PATH) tests.mutants --copies 2 $(PACKAGE)

# after a change of a text: updates and compiles the catalogues
texts: install-dev
	$(ON_PATH) tests.texts.catalogues

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install-dev
	$(ON_PATH) benchmarks

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command 'make lock' --extra charts --extra images --extra patterns --extra speed pyproject.toml sandbox/pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command 'make lock' --all-extras --group dev --group e2e pyproject.toml sandbox/pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist test-output demo-output .coverage*
