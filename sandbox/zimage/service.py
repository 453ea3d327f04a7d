"""The local Z-Image: its routes, and one request from arrival to answer.

Every behaviour is marked where it stands as documented, observed or guessed; the table is in
docs/zimage.md.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.faults import Server, met
from sandbox.faults.kinds import Error, RetryAfter
from sandbox.zimage import account, answers, gate
from sandbox.zimage.chats import COMPATIBLE, Chats
from sandbox.zimage.drawing import PROMPT_LIMIT
from sandbox.zimage.errors import Refusal, invalid, ordered
from sandbox.zimage.generation import Generation, Workshop
from sandbox.zimage.ledger import Entry, Ledger, Outcome
from sandbox.zimage.limit import Limit
from sandbox.zimage.links import PREFIX, Links
from sandbox.zimage.moderations import MODERATION_BASE, Moderations
from sandbox.zimage.results import Results
from sandbox.zimage.seen_pictures import SeenPictures
from sandbox.zimage.storage import Storage
from sandbox.zimage.studio import Studio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.clock import SandboxClock
    from sandbox.violations import Violations
    from sandbox.zimage.settings import ZImageSettings

    Answering = Callable[[web.Request, Entry], Awaitable[web.Response]]

_FOR_THE_RATE = ("Throttling", "LimitRequests", "limit_", "insufficient_quota")
BASE = "/api/v1"
GENERATION = BASE + "/services/aigc/multimodal-generation/generation"


class ZImage:
    """One account's Z-Image; mount `routes()` and `fault_middleware` in an application."""

    def __init__(
        self, settings: ZImageSettings, *, clock: SandboxClock, violations: Violations
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._violations = violations
        # Ids and links never repeat those of an earlier run, which a client may still hold.
        self._ids = Random(f"{settings.seed}:{clock.now_us()}")
        self.ledger = Ledger(clock)
        self.limit = Limit(settings.requests_per_second)
        self.results = Results()
        self.links = Links(self._ids)
        self._workshop = Workshop(
            clock=clock,
            ledger=self.ledger,
            limit=self.limit,
            links=self.links,
            results=self.results,
            chance=Random(settings.seed),
            latency_scale=settings.latency_scale,
        )
        self._chats = Chats(
            clock=clock,
            settings=settings,
            ledger=self.ledger,
            violations=violations,
            new_request_id=self._new_request_id,
            latency_scale=lambda: self.latency_scale,
        )
        seen = SeenPictures()
        self.moderations = Moderations(
            clock=clock,
            settings=settings,
            ledger=self.ledger,
            violations=violations,
            results=self.results,
            seen=seen,
            new_request_id=self._new_request_id,
            latency_scale=lambda: self.latency_scale,
        )
        self._storage = Storage(
            clock=clock,
            links=self.links,
            results=self.results,
            studio=Studio(settings),
            seen=seen,
            ledger=self.ledger,
            violations=violations,
            new_request_id=self._new_request_id,
        )

    @property
    def latency_scale(self) -> float:
        """How slow the painter is; 0 answers at once. A change spares what is being painted."""
        return self._workshop.latency_scale

    @latency_scale.setter
    def latency_scale(self, scale: float) -> None:
        self._workshop = replace(self._workshop, latency_scale=scale)

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

    def _answering(
        self, answer: Answering
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answered(request: web.Request) -> web.StreamResponse:
            now_us = self._clock.now_us()
            entry = Entry(request_id=self._new_request_id(), at_us=now_us, key="unknown")
            is_generation = request.path == GENERATION
            if is_generation:
                self.ledger.open(entry)
            try:
                entry.key = gate.authenticated(request, self._settings)
                if not is_generation and (refusal := ordered(request)):
                    raise refusal
                response = await answer(request, entry)
            except Refusal as refusal:
                response = self._refused(request, entry, refusal)
            if request.content.exception() is not None:
                gate.part_after(request, response)
            return answers.add_headers(
                response,
                request_id=entry.request_id,
                arrived_at_us=entry.at_us,
                now_us=self._clock.now_us(),
            )

        return answered

    async def _generate(self, request: web.Request, entry: Entry) -> web.Response:
        gate.check_headers(request)
        body = await gate.body_of(request)
        if body is None:
            self._violate(request, "body-too-large", f"over {gate.BODY_LIMIT_BYTES} bytes")
            self.ledger.refuse(entry, Outcome.REFUSED, "413")
            return gate.too_long()
        generation = Generation(request, entry, self._workshop)
        drawing = generation.read(body)
        if len(drawing.prompt) > PROMPT_LIMIT:
            detail = f"{len(drawing.prompt)} characters, cut to {PROMPT_LIMIT}"
            self._violate(request, "prompt-too-long", detail)
        return await generation.draw(drawing)

    async def _task(self, request: web.Request, entry: Entry) -> web.Response:
        body = account.unknown_task(request.match_info["task_id"], entry.request_id)
        return answers.result(request, body)

    async def _quotas(self, request: web.Request, entry: Entry) -> web.Response:
        body = account.quotas(
            request.query,
            requests_per_second=self.limit.requests_per_second,
            workspace_id=self._settings.workspace_id,
            request_id=entry.request_id,
        )
        return answers.result(request, body)

    async def _models(self, request: web.Request, entry: Entry) -> web.Response:
        return answers.result(request, account.models(request.query, entry.request_id))

    async def _wrong_method(self, request: web.Request, _: Entry) -> web.Response:
        message = f"Request method '{request.method}' is not supported."  # documented
        raise invalid(message, rule="wrong-method")

    async def _wrong_path(self, _: web.Request, __: Entry) -> web.Response:
        raise invalid("url error, please check url！", rule="wrong-path")  # documented

    def _refused(self, request: web.Request, entry: Entry, refusal: Refusal) -> web.Response:
        fault = met(request, Error)
        self.ledger.refuse(entry, _outcome(refusal), refusal.code)
        if refusal.rule is not None:
            self._violate(request, refusal.rule, refusal.message)
        body = answers.error(refusal.code, refusal.message, entry.request_id)
        response = answers.response(request, body, status=refusal.status)
        after_s = fault.retry_after if fault else self._retry_after_s(request, refusal)
        if after_s is not None:
            response.headers["Retry-After"] = str(after_s)
        return response

    def _retry_after_s(self, request: web.Request, refusal: Refusal) -> int | None:
        fault = met(request, RetryAfter)
        if fault is None or refusal.status != 429:
            return None
        if fault.seconds is not None:
            return fault.seconds
        return max(1, math.ceil(self.limit.wait_us(self._clock.now_us()) / 1e6))

    def _violate(self, request: web.Request, rule: str, detail: str) -> None:
        line = f"{request.method} {request.path}"
        self._violations.record("zimage", rule=rule, request_line=line, detail=detail)

    def _new_request_id(self) -> str:
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))


def _outcome(refusal: Refusal) -> Outcome:
    if refusal.code.startswith(_FOR_THE_RATE):
        return Outcome.THROTTLED
    if refusal.status == 200 or refusal.status >= 500:
        return Outcome.FAILED
    return Outcome.REFUSED
