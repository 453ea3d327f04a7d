"""The local Z-Image: its routes, one request from arrival to answer, and serving it alone.

Every behaviour is marked where it stands as documented, observed or guessed; the table is in
docs/zimage.md.
"""

from __future__ import annotations

import json
import math
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.faults import Faults, Server, fault_middleware, met, parse_faults
from sandbox.faults.kinds import RetryAfter
from sandbox.violations import Violations
from sandbox.zimage import answers, gate
from sandbox.zimage.account import Account, Pictures, ZImageSettings
from sandbox.zimage.chats import COMPATIBLE, Chats
from sandbox.zimage.errors import Refusal, invalid, ordered
from sandbox.zimage.generation import MODELS, PROMPT_LIMIT, Generation
from sandbox.zimage.ledger import Entry, Outcome
from sandbox.zimage.moderations import MODERATION_BASE, Moderations
from sandbox.zimage.storage import PREFIX, Storage
from sandbox.zimage.studio import Studio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from aiohttp.typedefs import Handler

    Answering = Callable[[web.Request, Entry], Awaitable[web.Response]]

_MAX_PAGE_SIZE = 100  # guessed
BASE = "/api/v1"
GENERATION = BASE + "/services/aigc/multimodal-generation/generation"


class ZImage:
    """One account's Z-Image; mount `routes()` and `fault_middleware` in an application."""

    def __init__(
        self, settings: ZImageSettings, *, clock: SandboxClock, violations: Violations
    ) -> None:
        account = Account(settings, clock=clock, violations=violations)
        studio = Studio(settings)
        self._account = account
        self.ledger, self.limit, self.results = account.ledger, account.limit, account.results
        self._chats = Chats(account)
        self.moderations = Moderations(account, studio)
        self._storage = Storage(account, studio)

    @property
    def latency_scale(self) -> float:
        """How slow the painter is; 0 answers at once. A change spares what is being painted."""
        return self._account.latency_scale

    @latency_scale.setter
    def latency_scale(self, scale: float) -> None:
        self._account.latency_scale = scale

    def routes(self) -> list[web.RouteDef]:
        """All under /api/v1, /compatible-mode/v1 and /v1, and the result links under /oss."""
        return [
            web.post(GENERATION, self._answering(self._generate)),
            web.get(BASE + "/tasks/{task_id}", self._answering(self._task), allow_head=False),
            web.get(BASE + "/quotas", self._answering(self._quotas), allow_head=False),
            web.get(BASE + "/models", self._answering(self._models), allow_head=False),
            web.route("*", GENERATION, self._answering(self._wrong_method)),
            web.route("*", BASE + "/{path:.*}", self._answering(self._wrong_path)),
            *self._chats.routes(),
            *self.moderations.routes(),
            *self._storage.routes(),
        ]

    @staticmethod
    def server_of(request: web.Request) -> Server | None:
        """Whose faults a request meets."""
        if request.path.startswith((BASE + "/", COMPATIBLE + "/")):
            return Server.ZIMAGE
        if request.path.startswith(MODERATION_BASE + "/"):
            return Server.OPENAI
        return Server.LINKS if request.path.startswith(PREFIX + "/") else None

    def _answering(self, answer: Answering) -> Handler:
        async def answered(request: web.Request, entry: Entry) -> web.Response:
            if request.path != GENERATION and (refusal := ordered(request)):
                raise refusal
            return await answer(request, entry)

        return gate.answering(
            self._account, opened=self._opened, answer=answered, refused=self._refused
        )

    def _opened(self, request: web.Request) -> Entry:
        account = self._account
        now_us = account.clock.now_us()
        entry = Entry(request_id=account.new_request_id(), at_us=now_us, key="unknown")
        if request.path == GENERATION:
            self.ledger.open(entry)
        return entry

    async def _generate(self, request: web.Request, entry: Entry) -> web.Response:
        gate.check_headers(request)
        body = await gate.body_of(request)
        if body is None:
            self._account.violate(request, "body-too-large", f"over {gate.BODY_LIMIT_BYTES} bytes")
            self.ledger.refuse(entry, Outcome.REFUSED, "413")
            return gate.too_long()
        generation = Generation(request, entry, self._account)
        drawing = generation.read(body)
        if len(drawing.prompt) > PROMPT_LIMIT:
            detail = f"{len(drawing.prompt)} characters, cut to {PROMPT_LIMIT}"
            self._account.violate(request, "prompt-too-long", detail)
        return await generation.draw(drawing)

    async def _task(self, request: web.Request, entry: Entry) -> web.Response:
        """No task is ever known here; observed as a free check of the key."""
        output = {"task_id": request.match_info["task_id"], "task_status": "UNKNOWN"}
        return answers.result(request, {"request_id": entry.request_id, "output": output})

    async def _quotas(self, request: web.Request, entry: Entry) -> web.Response:
        """Ceilings by model. Documented ("List quotas", 2026-10-11); not what is left of them."""
        limit = {
            "request_limit": max(1, int(self.limit.requests_per_second * 60)),
            "request_limit_period": 60,
            "usage_limit": None,
            "usage_limit_field": None,
            "usage_limit_period": None,
            "async_user_queue_limit": None,
            "async_user_concurrency_limit": None,
        }
        found = [
            {
                "model": model,
                "workspace_id": self._account.settings.workspace_id,
                "model_limit": limit,
                "workspace_limit": None,
            }
            for model in MODELS
            if request.query.get("model", model) == model
            and request.query.get("name", model) in model
        ]
        return _page(request, "quotas", found, entry)

    async def _models(self, request: web.Request, entry: Entry) -> web.Response:
        """That the path exists is observed; the shape is guessed."""
        found = [{"model": model, "name": model} for model in MODELS]
        return _page(request, "models", found, entry)

    async def _wrong_method(self, request: web.Request, _: Entry) -> web.Response:
        message = f"Request method '{request.method}' is not supported."  # documented
        raise invalid(message, rule="wrong-method")

    async def _wrong_path(self, _: web.Request, __: Entry) -> web.Response:
        raise invalid("url error, please check url！", rule="wrong-path")  # documented

    def _refused(self, request: web.Request, entry: Entry, refusal: Refusal) -> web.Response:
        self.ledger.refuse(entry, gate.outcome_of(refusal), refusal.code)
        body = answers.error(refusal.code, refusal.message, entry.request_id)
        after_s = self._retry_after_s(request, refusal)
        return gate.refusal_answer(self._account, request, refusal, body, retry_after_s=after_s)

    def _retry_after_s(self, request: web.Request, refusal: Refusal) -> int | None:
        fault = met(request, RetryAfter)
        if fault is None or refusal.status != 429:
            return None
        if fault.seconds is not None:
            return fault.seconds
        return max(1, math.ceil(self.limit.wait_us(self._account.clock.now_us()) / 1e6))


def _page(request: web.Request, name: str, found: list[answers.Body], entry: Entry) -> web.Response:
    """Of a list, the page that is asked for.

    Raises:
        Refusal: the number or the size of the page is no number.
    """
    page_no = _number(request.query, "page_no", 1)
    page_size = min(_number(request.query, "page_size", 20), _MAX_PAGE_SIZE)
    first = (page_no - 1) * page_size
    output = {
        "total": len(found),
        "page_no": page_no,
        "page_size": page_size,
        name: found[first : first + page_size],
    }
    return answers.result(request, {"request_id": entry.request_id, "output": output})


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and int(text)):
        raise invalid(f"Input should be a valid integer: {name}")
    return int(text)


FAST = ZImageSettings(
    requests_per_second=1_000_000,
    moderations_per_minute=1_000_000,
    latency_scale=0,
    pictures=Pictures.PLAIN,
)
"""No limit, no latency, plain pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A Z-Image that listens, with everything that a test wants at hand."""

    base_url: str  # …/api/v1, without a slash at its end
    moderation_base_url: str  # …/v1
    api_key: str
    zimage: ZImage
    clock: SandboxClock
    faults: Faults
    violations: Violations

    def order(self, *faults: Mapping[str, object]) -> None:
        """Puts these in force instead of all others, as `PUT /faults` does.

        Raises:
            WrongFault: one of them cannot be.
        """
        self.faults.replace(parse_faults(json.dumps(faults)))


@asynccontextmanager
async def serving(
    settings: ZImageSettings = FAST, *, clock: SandboxClock | None = None, port: int = 0
) -> AsyncIterator[Serving]:
    """Serves until the block is left; requests under way are cut off then."""
    clock = clock or SandboxClock()
    violations, faults = Violations(clock), Faults(clock, seed=settings.seed)
    zimage = ZImage(settings, clock=clock, violations=violations)
    app = web.Application(middlewares=[fault_middleware(faults, clock, zimage.server_of)])
    app.add_routes(zimage.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield Serving(
            base_url=_origin(runner) + BASE,
            moderation_base_url=_origin(runner) + MODERATION_BASE,
            api_key=settings.api_keys[0],
            zimage=zimage,
            clock=clock,
            faults=faults,
            violations=violations,
        )
    finally:
        faults.clear()
        await runner.cleanup()


def _origin(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
