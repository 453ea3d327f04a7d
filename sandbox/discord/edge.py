"""The edge of REST: every request passes here on its way in and every answer on its way out.

In the order of the real service: ban, rate limit, who is calling, ids in the path, form of the
body, our rules, Discord's document if there is one, and only then the handler. What a client broke
goes to the violations, and what Discord lets be to the remarks. Whatever goes wrong inside, the
client gets Discord's error shape.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.attachments import request_limit_bytes
from sandbox.discord.bodies import Body, read_body
from sandbox.discord.message_objects import attachment_object, message_object
from sandbox.discord.routing import Auth, Call, Reply, Route
from sandbox.discord.rules.problems import Context
from sandbox.discord.shapes import JSON_MEDIA_TYPE, JsonObject, encode, is_snowflake

if TYPE_CHECKING:
    from sandbox.discord.checks import Checked, Checks
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.ratelimits import Admission, RateLimits
    from sandbox.discord.state import State
    from sandbox.violations import Remarks, Violations

_LOG = logging.getLogger(__name__)

VIA = "1.1 google"
"""A 429 without this header is taken for a ban by Cloudflare."""

LONGEST_REASON = 512
"""Characters of a reason for the audit log. Source: Discord's reference, "Audit Log"."""

_CLIENT_LEFT = 499
"""What proxies log for it; nobody is there to receive it."""

BROKEN_RULES = frozenset(
    {
        errors.UNAUTHORIZED,
        errors.INVALID_FORM,
        errors.INVALID_JSON,
        errors.EMPTY_MESSAGE,
        errors.MAX_ATTACHMENTS,
        errors.UNKNOWN_INTERACTION,
        errors.ALREADY_ACKNOWLEDGED,
        errors.INVALID_WEBHOOK_TOKEN,
        errors.UNKNOWN_WEBHOOK,
        errors.FOLLOW_UP_LIMIT,
        errors.NOT_OWN_MESSAGE,
        errors.MAX_OLD_EDITS,
        errors.MAX_COMMAND_CREATES,
    }
)
"""Refusals that a client could have avoided by knowing the rules; the rest is circumstance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Answers every request of the REST interface."""

    state: State
    limits: RateLimits
    violations: Violations
    remarks: Remarks
    checks: Checks

    def refuse_unknown(self, request: web.Request) -> web.Response:
        """Answers what no route answers: 404, and loudly."""
        return self._not_here(request, errors.NOT_FOUND)

    def refuse_version(self, request: web.Request) -> web.Response:
        """Answers what is below `/api/` and not below the version that is played."""
        kind = errors.ErrorKind(400, 50041, "The sandbox plays version 10 alone: /api/v10.")
        return self._refused(request, errors.NotPlayed(kind))

    def refuse_method(self, request: web.Request) -> web.Response:
        """Answers a known path with a method that is not known for it: 405, and loudly."""
        return self._not_here(request, errors.METHOD_NOT_ALLOWED)

    def _not_here(self, request: web.Request, kind: errors.ErrorKind) -> web.Response:
        """Discord's document does not have it either; but that is called a preview."""
        self._remark_loudly(request, "unknown route", kind.message)
        return self._refused(request, errors.DiscordError(kind))

    def _remark_loudly(self, request: web.Request, rule: str, detail: str) -> None:
        _LOG.warning("%s, %s: %s", rule, _line(request), detail)
        self.remarks.record("discord", rule=rule, request_line=_line(request), detail=detail)

    async def serve(self, route: Route, request: web.Request, path: dict[str, str]) -> web.Response:
        """Answers a request; `path` has the values of the template's names."""
        now_us = self.state.now_us()
        if self.limits.is_banned(now_us):
            return web.Response(status=429, text="error code: 1015", headers={"Retry-After": "600"})
        admission = self.limits.admit(
            route.bucket, _place(path), is_global=route.counts_globally, now_us=now_us
        )
        if admission.retry_after_s is not None:
            return self._rate_limited(request, admission, admission.retry_after_s)
        try:
            reply = await self._answer(route, request, path)
        except errors.DiscordError as refused:
            self.checks.response(route.method, route.path, refused.status, refused.body())
            return self._refused(request, refused, admission.headers)
        except ConnectionError:
            _LOG.debug("client left before its body's end: %s", _line(request))
            return web.Response(status=_CLIENT_LEFT)
        except Exception:  # noqa: BLE001 - the client gets Discord's shape, the log the trace
            _LOG.exception("failed inside: %s", _line(request))
            return self._refused(request, errors.DiscordError(errors.INTERNAL), admission.headers)
        self.checks.response(route.method, route.path, reply.status, reply.body)
        return _response(reply.status, reply.body, admission.headers)

    async def _answer(self, route: Route, request: web.Request, path: dict[str, str]) -> Reply:
        if route.auth is Auth.BOT:
            self._authenticate(request)
        _check_ids(path)
        body = await self._body(request, path)
        call = Call(
            state=self.state,
            path=path,
            query=dict(request.query),
            payload=body.payload,
            uploads=body.uploads,
            reason=_reason(request),
        )
        checked = self._check(route, call)
        self._remark(request, checked)
        if refusal := checked.refusal():
            raise refusal
        return route.handler(replace(call, payload=checked.body))

    def _authenticate(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.state.application.token}":
            raise errors.DiscordError(errors.UNAUTHORIZED)

    async def _body(self, request: web.Request, path: dict[str, str]) -> Body:
        interaction = self._interaction(path)
        channel_id = interaction.channel_id if interaction else path.get("channel_id", "")
        channel = self.state.channels.get(channel_id)
        largest_bytes = request_limit_bytes(self.state, channel.guild_id if channel else None)
        return await read_body(request, largest_bytes=largest_bytes)

    def _interaction(self, path: dict[str, str]) -> Interaction | None:
        """The one whose token is in the path; such a path names no channel."""
        token = path.get("interaction_token") or path.get("webhook_token")
        return self.state.interaction_by_token(token or "")

    def _check(self, route: Route, call: Call) -> Checked:
        """Holds the request against our rules and Discord's document."""
        context = Context(
            files={upload.key: upload.filename for upload in call.uploads},
            before=self._message_before(route, call),
        )
        return self.checks.request(
            route.method, route.path, call.payload, context=context, query=call.query
        )

    def _remark(self, request: web.Request, checked: Checked) -> None:
        for remark in checked.remarks:
            self.remarks.record(
                "discord", rule="unknown field", request_line=_line(request), detail=str(remark)
            )

    def _message_before(self, route: Route, call: Call) -> JsonObject | None:
        """The message that the call may change, with every attachment that it has."""
        path, state, interaction = call.path, self.state, self._interaction(call.path)
        channel_id = interaction.channel_id if interaction else path.get("channel_id", "")
        if webhook := state.webhooks.get(path.get("webhook_id", "")):
            channel_id = call.query.get("thread_id", webhook.channel_id)
        message_id = path.get("message_id")
        if route.method == "PATCH" and message_id is None and interaction is not None:
            message_id = interaction.original_id
        if "interaction_token" in path and interaction is not None:
            message_id = interaction.opened_on
        message = state.messages.get(channel_id, {}).get(message_id or "")
        if message is None:
            return None
        attachments = [attachment_object(state, each) for each in message.attachments]
        return message_object(state, message) | {"attachments": attachments}

    def _refused(
        self,
        request: web.Request,
        refused: errors.DiscordError,
        headers: dict[str, str] | None = None,
    ) -> web.Response:
        if isinstance(refused, errors.NotPlayed):
            self._remark_loudly(request, "not played", encode(refused.body()).decode())
        elif refused.kind in BROKEN_RULES:
            self.violations.record(
                "discord",
                rule=f"{refused.kind.code} {refused.kind.message}",
                request_line=_line(request),
                detail=encode(refused.body()).decode(),
            )
        if refused.status in (401, 403, 429):
            self.limits.note_invalid(self.state.now_us())
        return _response(refused.status, refused.body(), headers or {})

    def _rate_limited(
        self, request: web.Request, admission: Admission, retry_after_s: float
    ) -> web.Response:
        self.limits.note_invalid(self.state.now_us())
        if admission.ignored_an_earlier_refusal:
            self.violations.record(
                "discord",
                rule="sent again before Retry-After had passed",
                request_line=_line(request),
                detail=f"scope {admission.scope}",
            )
        is_global = admission.scope == "global"
        body: JsonObject = {
            "message": "You are being rate limited.",
            "retry_after": round(retry_after_s, 3),
            "global": is_global,
            "code": 0,
        }
        headers = {
            **admission.headers,
            "Retry-After": str(math.ceil(retry_after_s)),
            "X-RateLimit-Scope": admission.scope,
        }
        return _response(429, body, headers)


def _response(status: int, body: object, headers: dict[str, str]) -> web.Response:
    headers = {**headers, "Via": VIA}
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        status=status, body=encode(body), content_type=JSON_MEDIA_TYPE, headers=headers
    )


def _place(path: dict[str, str]) -> str:
    """What a bucket is kept apart by: the channel, guild or interaction in the path."""
    for name in ("channel_id", "guild_id", "webhook_token"):
        if name in path:
            return path[name]
    return ""


def _check_ids(path: dict[str, str]) -> None:
    problems = [
        errors.FieldError(
            path=(name,), code="NUMBER_TYPE_COERCE", message=f'Value "{value}" is not snowflake.'
        )
        for name, value in path.items()
        if name.endswith("_id") and not is_snowflake(value)
    ]
    if problems:
        raise errors.invalid_form(problems)


def _reason(request: web.Request) -> str | None:
    """What the audit log shall say, None if the client gives no reason.

    Raises:
        DiscordError: 50035 for an empty or too long one; how Discord refuses it is guessed.
    """
    header = request.headers.get("X-Audit-Log-Reason")
    if header is None:
        return None
    reason = unquote(header)
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise errors.bad_length("reason", longest=LONGEST_REASON)
    return reason


def _line(request: web.Request) -> str:
    return f"{request.method} {request.path}"
