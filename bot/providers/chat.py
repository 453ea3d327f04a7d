"""A rewriter behind an OpenAI-compatible chat endpoint: one prompt, one POST, one typed answer.

Source: Model Studio's page "OpenAI compatible - Chat" (2026); its errors are those of
bot/providers/model_studio, under `error`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from bot.errors import AnswerUnreadable, ContentRefused, Inspected, ProviderError, RequestRejected
from bot.providers.call import Departure, ask, post_once
from bot.providers.model_studio import failure, read_error
from bot.providers.reading import NOTHING, count, mended, read
from bot.providers.rewriter import OUTPUT_TOKENS, RewrittenPrompt, bare_prompt, instructions

if TYPE_CHECKING:
    from bot.providers import OnSend
    from bot.providers.call import Answer

_HIDDEN_FROM_CHARACTERS = 12  # a shorter prompt may be a word of the error's own
_ID_CHARACTERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTimeouts:
    """Seconds. A member waits before their screen."""

    connect_s: float = 10.0
    total_s: float = 60.0
    total_asking_s: float = 20.0


class ChatRewriter:
    """A Rewriter; the session comes from `open_session`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        api_key: str,
        model: str,
        prompt_limit: int,
        timeouts: ChatTimeouts | None = None,
        proxy: str | None = None,
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._key = str.__str__(api_key)  # plain, even of a string that masks itself
        self.name = model
        self._limit = prompt_limit
        self._timeouts = timeouts or ChatTimeouts()
        self._proxy = proxy

    async def rewrite(self, prompt: str, *, on_send: OnSend | None = None) -> RewrittenPrompt:
        """As `Rewriter.rewrite` says; the request is one POST."""
        began_s = asyncio.get_running_loop().time()
        answer = await post_once(
            self._session,
            f"{self._base_url}/chat/completions",
            body=self._body(prompt),
            headers=self._headers(),
            proxy=self._proxy,
            limits=self._limits(self._timeouts.total_s),
            departure=Departure(on_send),
        )
        duration_us = round((asyncio.get_running_loop().time() - began_s) * 1e6)
        return self._rewritten(answer, prompt, duration_us)

    async def is_listed(self) -> bool | None:
        """Whether the service lists the model; None if it does not tell. Free.

        Raises:
            ProviderError: it is not reached, or refuses the key.
        """
        answer = await ask(
            self._session,
            f"{self._base_url}/models",
            headers=self._headers(),
            proxy=self._proxy,
            limits=self._limits(self._timeouts.total_asking_s),
        )
        if answer.status in (401, 403):
            raise self._failure(answer)
        listed = read(answer.body, _Models) if answer.status == 200 else None
        return None if listed is None else self.name in {one.id for one in listed.data}

    def _body(self, prompt: str) -> bytes:
        """Raises RequestRejected if the prompt holds half a surrogate pair."""
        messages = [
            {"role": "system", "content": instructions(self._limit)},
            {"role": "user", "content": prompt},
        ]
        try:
            return msgspec.json.encode(
                {"model": self.name, "messages": messages, "max_tokens": OUTPUT_TOKENS}
            )
        except UnicodeEncodeError as error:
            raise RequestRejected(f"the prompt is no Unicode: {error.reason}") from error

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}

    def _limits(self, total_s: float) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=total_s, connect=self._timeouts.connect_s)

    def _rewritten(self, answer: Answer, prompt: str, duration_us: int) -> RewrittenPrompt:
        told = self._failure(answer, prompt)
        if not 200 <= answer.status < 300:
            raise told
        completion = read(mended(answer.body), _Completion)
        if completion is None:
            raise AnswerUnreadable(
                "the answer is no JSON object", status=answer.status, request_id=told.request_id
            )
        request_id = told.request_id or read(completion.id, str, "")[:_ID_CHARACTERS]
        rewritten, ended = _first_choice(completion.choices)
        rewritten = bare_prompt(rewritten, limit=self._limit)
        if not rewritten:
            raise self._nothing(told, ended)
        usage = read(completion.usage, _TokensUsed, _TokensUsed())
        return RewrittenPrompt(
            prompt=rewritten,
            input_tokens=count(usage.prompt_tokens),
            output_tokens=count(usage.completion_tokens),
            request_id=request_id,
            duration_us=duration_us,
        )

    def _nothing(self, told: ProviderError, ended: str) -> ProviderError:
        """What a 200 without a prompt means."""
        if told.code:
            return told
        if ended == "content_filter":
            return ContentRefused(
                "content_filter",
                inspected=Inspected.UNKNOWN,
                status=told.status,
                code=ended,
                request_id=told.request_id,
            )
        return AnswerUnreadable(
            "an answer without a prompt", status=told.status, request_id=told.request_id
        )

    def _failure(self, answer: Answer, prompt: str = "") -> ProviderError:
        hide = [self._key]
        if len(prompt) >= _HIDDEN_FROM_CHARACTERS:
            hide.append(prompt)
        return failure(answer.status, read_error(answer.body, hide=hide), answer.headers)


class _Completion(msgspec.Struct):
    id: msgspec.Raw = NOTHING
    choices: msgspec.Raw = NOTHING
    usage: msgspec.Raw = NOTHING


class _ChatChoice(msgspec.Struct):
    message: msgspec.Raw = NOTHING
    finish_reason: msgspec.Raw = NOTHING


class _ChatMessage(msgspec.Struct):
    content: msgspec.Raw = NOTHING


class _TokensUsed(msgspec.Struct):
    prompt_tokens: msgspec.Raw = NOTHING
    completion_tokens: msgspec.Raw = NOTHING


class _Model(msgspec.Struct):
    id: str = ""


class _Models(msgspec.Struct):
    data: list[_Model]


def _first_choice(raw: msgspec.Raw) -> tuple[str, str]:
    """What it says, and how it ended; both may be empty."""
    choices = read(raw, list[msgspec.Raw], [])
    choice = read(choices[0], _ChatChoice, _ChatChoice()) if choices else _ChatChoice()
    message = read(choice.message, _ChatMessage, _ChatMessage())
    return read(message.content, str, ""), read(choice.finish_reason, str, "")
