ARG PYTHON=python:3.13-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/zeuxis \
 && /opt/zeuxis/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
# The project last: a change of it leaves the layers of its libraries alone.
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
RUN python -m venv /tmp/builder \
 && /tmp/builder/bin/pip wheel --no-cache-dir --disable-pip-version-check --no-deps --wheel-dir /tmp/wheel . \
 && /opt/zeuxis/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps /tmp/wheel/*.whl \
 && rm -rf /opt/zeuxis/lib/python3*/site-packages/pip* \
 && python -m compileall -q -j 0 /opt/zeuxis/lib

FROM ${PYTHON} AS fonts
# For charts of usage: Latin and Cyrillic, Arabic, Hebrew, Devanagari, Chinese, Japanese and Korean,
# and the emoji of names. 32 MB of the 145 MB that the packages install.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
 && mkdir /fonts && cd /usr/share/fonts \
 && cp truetype/noto/NotoSans-Regular.ttf truetype/noto/NotoSansArabic-Regular.ttf \
    truetype/noto/NotoSansHebrew-Regular.ttf truetype/noto/NotoSansDevanagari-Regular.ttf \
    opentype/noto/NotoSansCJK-Regular.ttc truetype/noto/NotoColorEmoji.ttf /fonts/

FROM ${PYTHON}
RUN useradd --system --uid 10001 --home-dir /data --no-create-home zeuxis \
 && mkdir /data && chown zeuxis /data && chmod 700 /data
COPY --from=fonts /fonts /usr/share/fonts/zeuxis
COPY --from=build /opt/zeuxis /opt/zeuxis
ENV PATH=/opt/zeuxis/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/zeuxis.db \
    HEALTH_PORT=8080 \
    LOG_FORMAT=json
WORKDIR /data
VOLUME /data
USER zeuxis
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import sys, urllib.request as r; sys.exit(r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8080/healthz', timeout=4).status != 200)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot", "run"]
