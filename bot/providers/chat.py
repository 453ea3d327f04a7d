"""A rewriter behind an OpenAI-compatible chat endpoint: one prompt, one POST, one typed answer.

Source: Model Studio's page "OpenAI compatible - Chat" (2026); its errors are those of
bot/providers/model_studio, under `error`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from bot.errors import AnswerUnreadable, ContentRefused, Inspected, ProviderError, RequestRejected
from bot.providers.call import RemoteService
from bot.providers.reading import NOTHING, count, mended, read
from bot.providers.rewriter import OUTPUT_TOKENS, RewrittenPrompt, bare_prompt, instructions

if TYPE_CHECKING:
    import aiohttp

    from bot.providers import OnSend
    from bot.providers.call import Answer

_ID_CHARACTERS = 100


class ChatTimeouts(Struct, frozen=True, kw_only=True):
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
        self._timeouts = timeouts or ChatTimeouts()
        self._service = RemoteService(
            session,
            base_url=base_url,
            api_key=api_key,
            proxy=proxy,
            connect_s=self._timeouts.connect_s,
        )
        self.name = model
        self._limit = prompt_limit

    async def rewrite(self, prompt: str, *, on_send: OnSend | None = None) -> RewrittenPrompt:
        """As `Rewriter.rewrite` says; the request is one POST."""
        answer = await self._service.post(
            "/chat/completions",
            self._body(prompt),
            total_s=self._timeouts.total_s,
            on_send=on_send,
        )
        return self._rewritten(answer, prompt)

    async def is_listed(self) -> bool | None:
        """Whether the service lists the model; None if it does not tell. Free.

        Raises:
            ProviderError: it is not reached, or refuses the key.
        """
        answer = await self._service.ask("/models", total_s=self._timeouts.total_asking_s)
        if answer.status in (401, 403):
            raise self._service.failure(answer)
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

    def _rewritten(self, answer: Answer, prompt: str) -> RewrittenPrompt:
        told = self._service.failure(answer, prompt)
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
            duration_us=answer.duration_us,
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
