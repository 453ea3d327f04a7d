"""The compatible-mode interface: chats in OpenAI's shape, of which one thing is understood, the
rewriting of a prompt; and the rewriting itself, a template that says so, which pictures use too.

Paths, the shapes of request, answer and error are documented (Model Studio, "OpenAI compatible -
Chat", 2026), and so are the shape of a picture's rewritten prompt and that the real model thinks
and returns tokens; the texts, the counts, the prices and the time it takes are guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.zimage import answers, gate
from sandbox.zimage.errors import NATIVE, Refusal, invalid, ordered
from sandbox.zimage.ledger import Chat, Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from sandbox.zimage.account import Account
    from sandbox.zimage.answers import Body

    ChatAnswering = Callable[[web.Request, Chat], Awaitable[web.Response]]

COMPATIBLE = "/compatible-mode/v1"
COMPLETIONS = COMPATIBLE + "/chat/completions"
# Micro-dollars for a token of input and of output in Singapore, times a million.
PRICES = {"qwen-flash": (50_000, 400_000), "qwen-plus": (400_000, 1_200_000)}
_LATENCY_S = 1.5
_SNAKE = {native: snake for snake, native in NATIVE.items()}
LABEL = "[sandbox rewriting]"
EXTRA_S = 5.0  # guessed; "increases the response time" is all that is documented
_SYSTEM_TOKENS = 187  # guessed: the instructions before the prompt
_LIGHTS = ("soft morning light", "clear midday light", "low golden light", "cool diffuse light")
_PLANES = (
    "a wide view with a calm foreground",
    "the subject slightly left of the centre",
    "a close view with a blurred background",
    "a layered view from near to far",
)


class Chats:
    """Of the same account and keys as the pictures; no limit but by order of a fault."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(COMPLETIONS, self._answering(self._complete)),
            web.get(COMPATIBLE + "/models", self._answering(self._models), allow_head=False),
            web.route("*", COMPATIBLE + "/{path:.*}", self._answering(self._wrong_path)),
        ]

    def _answering(self, answer: ChatAnswering) -> Handler:
        async def answered(request: web.Request, chat: Chat) -> web.Response:
            if refusal := ordered(request):
                raise refusal
            return await answer(request, chat)

        return gate.answering(
            self._account, opened=self._opened, answer=answered, refused=self._refused
        )

    def _opened(self, request: web.Request) -> Chat:
        account = self._account
        chat = Chat(request_id=account.new_request_id(), at_us=account.clock.now_us())
        if request.path == COMPLETIONS:
            account.ledger.chats.append(chat)
        return chat

    async def _complete(self, request: web.Request, chat: Chat) -> web.Response:
        gate.check_headers(request)
        body = await gate.body_of(request)
        if body is None:
            chat.outcome, chat.code = Outcome.REFUSED, "413"
            return gate.too_long()
        asked = gate.read_object(body)
        texts, most_tokens = _read(asked, chat)
        gate.check_input(chat.prompt)
        if odd := answers.odd_chat(request, _completion(chat, ended="stop"), billed=False):
            chat.outcome = Outcome.FAILED
            return odd
        await self._account.clock.sleep(_LATENCY_S * self._account.latency_scale)
        gate.check_output(chat.prompt)
        ended = _answer(chat, texts, most_tokens)
        completion = _completion(chat, ended=ended)
        return answers.odd_chat(request, completion, billed=True) or answers.response(
            request, completion
        )

    async def _models(self, request: web.Request, _: Chat) -> web.Response:
        listed = [{"id": model, "object": "model", "owned_by": "system"} for model in PRICES]
        return answers.response(request, {"object": "list", "data": listed})

    async def _wrong_path(self, _: web.Request, __: Chat) -> web.Response:
        raise invalid("url error, please check url！", rule="wrong-path")  # observed

    def _refused(self, request: web.Request, chat: Chat, refusal: Refusal) -> web.Response:
        chat.outcome = gate.outcome_of(refusal)
        chat.code = _SNAKE.get(refusal.code, refusal.code)
        body = answers.wrapped_error(chat.code, refusal.message, chat.request_id)
        return gate.refusal_answer(self._account, request, refusal, body)


def _read(asked: Body, chat: Chat) -> tuple[list[str], int | None]:
    """The texts of all messages, and the most tokens of the answer.

    Raises:
        Refusal: what is asked is not understood.
    """
    chat.model = str(asked.get("model") or "")
    if chat.model not in PRICES:
        raise Refusal("model_not_found", f"The model `{chat.model}` does not exist.", status=404)
    if asked.get("stream"):
        raise invalid("The sandbox answers no stream.")
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid("[] is too short - 'messages'")
    texts = [_text(message, place) for place, message in enumerate(messages)]
    by_user = [text for text, one in zip(texts, messages, strict=True) if one["role"] == "user"]
    if not by_user or not by_user[-1].strip():
        raise invalid("Field required: messages with the role user")
    chat.prompt = by_user[-1]
    most_tokens = asked.get("max_tokens")
    if most_tokens is not None and (not isinstance(most_tokens, int) or most_tokens < 1):
        raise invalid("Range of max_tokens should be [1, 32768]")
    return texts, most_tokens


def _text(message: object, place: int) -> str:
    if not isinstance(message, dict) or message.get("role") not in ("system", "user", "assistant"):
        raise invalid(f"Input should be 'system', 'user' or 'assistant': messages.{place}.role")
    content = message.get("content")
    if not isinstance(content, str):
        raise invalid(f"Input should be a valid string: messages.{place}.content")
    return content


def _answer(chat: Chat, texts: list[str], most_tokens: int | None) -> str:
    """Writes the answer and its bill down; how it ended."""
    text = rewritten(chat.prompt, len(chat.prompt)).text
    whole_tokens = _tokens(text)
    ended = "stop"
    if most_tokens is not None and whole_tokens > most_tokens:
        text, ended = text[: len(text) * most_tokens // whole_tokens], "length"
    chat.answer, chat.outcome, chat.billed = text, Outcome.GENERATED, True
    chat.input_tokens = sum(map(_tokens, texts))
    chat.output_tokens = min(whole_tokens, most_tokens or whole_tokens)
    input_price, output_price = PRICES[chat.model]
    chat.cost_micros = -(
        -(chat.input_tokens * input_price + chat.output_tokens * output_price) // 1_000_000
    )
    return ended


def _completion(chat: Chat, *, ended: str) -> Body:
    message = {"role": "assistant", "content": chat.answer}
    return {
        "id": f"chatcmpl-{chat.request_id}",
        "object": "chat.completion",
        "created": chat.at_us // 1_000_000,
        "model": chat.model,
        "choices": [
            {"index": 0, "message": message, "finish_reason": ended, "logprobs": None},
        ],
        "usage": {
            "prompt_tokens": chat.input_tokens,
            "completion_tokens": chat.output_tokens,
            "total_tokens": chat.input_tokens + chat.output_tokens,
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """The optimized prompt and how it came about."""

    text: str
    reasoning: str
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int


def rewritten(prompt: str, seed: int) -> Rewritten:
    """Deterministic in prompt and seed."""
    light = _LIGHTS[seed % len(_LIGHTS)]
    plane = _PLANES[seed // len(_LIGHTS) % len(_PLANES)]
    text = f"{LABEL} {prompt.strip()}. Composition: {plane}. Light: {light}. Texts stay as written."
    reasoning = (
        f"{LABEL} The prompt of {len(prompt)} characters names a subject, which must not change. "
        f"Composition and light are open, so I add {plane} and {light}."
    )
    reasoning_tokens = _tokens(reasoning)
    return Rewritten(
        text=text,
        reasoning=reasoning,
        input_tokens=_SYSTEM_TOKENS + _tokens(prompt),
        output_tokens=reasoning_tokens + _tokens(text),
        reasoning_tokens=reasoning_tokens,
    )


def _tokens(text: str) -> int:
    """Guessed: four letters of ASCII to a token, and one character of other scripts."""
    plain = sum(one.isascii() for one in text)
    return 1 + plain // 4 + len(text) - plain
