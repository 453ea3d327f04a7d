"""One generation request, from its body to its answer: limit, content check, waiting, bill.

Source: Z-Image API reference (2025-12-23) for the rules; messages are marked with their strength:
documented, observed (a dated log of a live call, perhaps of a sibling model) or guessed.

Order guessed: a request that is invalid does not use up the limit. Billed are only pictures drawn
(documented), whether or not the client still listens (nothing documented says otherwise).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.faults import met
from sandbox.faults.kinds import BurstRate, UnknownModel
from sandbox.zimage import answers
from sandbox.zimage.chats import EXTRA_S, Rewritten, rewritten
from sandbox.zimage.errors import Refusal, invalid, ordered
from sandbox.zimage.gate import check_input, check_output, read_object
from sandbox.zimage.ledger import Outcome
from sandbox.zimage.storage import Recipe

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.zimage.account import Account
    from sandbox.zimage.ledger import Entry

MODELS = ("z-image-turbo",)
PROMPT_LIMIT = 800  # code points; documented, but for emoji guessed
MIN_AREA_PX, MAX_AREA_PX = 512 * 512, 2048 * 2048
MAX_SEED = 2**31 - 1
DEFAULT_SIZE = "1024*1536"
_SIZE = re.compile(r"([0-9]{1,7})\*([0-9]{1,7})")
_SIDE_STEP_PX = 16
_BASE_S, _PER_PIXEL_S = 0.6, 2.4 / (1024 * 1024 - 512 * 512)  # observed: 1.4 s and 3.8 s
_BURST_STEP_S = 0.1
_MAX_WAIT_S = 120.0  # documented range of X-DashScope-Wait-Timeout


class Generation:
    """One request on its way."""

    def __init__(self, request: web.Request, entry: Entry, account: Account) -> None:
        self._request = request
        self._entry = entry
        self._account = account

    def read(self, body: bytes) -> Drawing:
        """Raises Refusal unless the body is a valid request; writes down what it asks for."""
        other = met(self._request, UnknownModel)
        status = other.status if other else 404
        drawing = read_drawing(read_object(body), unknown_model_status=status)
        entry = self._entry
        entry.prompt, entry.size = drawing.prompt, drawing.size
        entry.seed, entry.rewriting = drawing.seed, drawing.rewriting
        return drawing

    async def draw(self, drawing: Drawing) -> web.Response:
        """The answer of an accepted request.

        Raises:
            Refusal: for the rate, the content, or by order of a fault.
        """
        self._meet_error(accepted=False)
        await self._pass_limit()
        self._account.ledger.accept(self._entry)
        self._meet_error(accepted=True)
        check_input(drawing.painted_prompt)
        nothing = answers.success(drawing, "", self._entry.request_id, None)
        if odd := answers.odd_answer(self._request, nothing, billed=False):
            self._account.ledger.refuse(self._entry, Outcome.FAILED, "")
            return odd
        await self._account.clock.sleep(self._latency_s(drawing))
        check_output(drawing.painted_prompt)
        body = self._drawn(drawing)
        odd = answers.odd_answer(self._request, body, billed=True)
        return odd or answers.result(self._request, body)

    def _meet_error(self, *, accepted: bool) -> None:
        """Errors of the service itself come after the limit, all others before."""
        refusal = ordered(self._request)
        if refusal and (refusal.status >= 500 or refusal.status == 200) is accepted:
            raise refusal

    async def _pass_limit(self) -> None:
        now_us = self._account.clock.now_us()
        if met(self._request, BurstRate):
            await self._pass_rise(now_us)
        if not self._account.limit.take(self._account.clock.now_us()):
            raise Refusal("Throttling.RateQuota")

    async def _pass_rise(self, since_us: int) -> None:
        """Waits as long as the client allows; documented to help with steep rises alone."""
        until_us = since_us + round(_wait_allowed_s(self._request) * 1e6)
        while self._account.limit.is_steep(self._account.clock.now_us()):
            if self._account.clock.now_us() >= until_us:
                raise Refusal("Throttling.BurstRate")
            await self._account.clock.sleep(_BURST_STEP_S)

    def _latency_s(self, drawing: Drawing) -> float:
        drawn_s = _BASE_S + _PER_PIXEL_S * drawing.width_px * drawing.height_px
        return self._account.latency_scale * (drawn_s + (EXTRA_S if drawing.rewriting else 0))

    def _drawn(self, drawing: Drawing) -> answers.Body:
        account, entry, now_us = self._account, self._entry, self._account.clock.now_us()
        entry.drawn_seed = account.chance.getrandbits(31) if drawing.seed is None else drawing.seed
        link = account.links.issue(now_us)
        recipe = Recipe(
            prompt=drawing.painted_prompt,
            seed=entry.drawn_seed,
            width_px=drawing.width_px,
            height_px=drawing.height_px,
            made_at_us=now_us,
            entry=entry,
        )
        account.results.put(link.path, recipe)
        account.ledger.generate(entry)
        account.ledger.bill(entry)
        text: Rewritten | None = None
        if drawing.rewriting:
            text = rewritten(drawing.painted_prompt, entry.drawn_seed)
        url = link.url(f"{self._request.scheme}://{self._request.host}")
        return answers.success(drawing, url, entry.request_id, text)


def _wait_allowed_s(request: web.Request) -> float:
    try:
        wait_s = float(request.headers.get("X-DashScope-Wait-Timeout", "0"))
    except ValueError:
        return 0.0
    return min(wait_s, _MAX_WAIT_S) if math.isfinite(wait_s) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A valid request."""

    model: str
    prompt: str  # whole, as it is echoed
    size: str  # as asked for
    width_px: int  # as produced
    height_px: int
    seed: int | None
    rewriting: bool

    @property
    def painted_prompt(self) -> str:
        """Excess characters are cut off silently (documented)."""
        return self.prompt[:PROMPT_LIMIT]


def read_drawing(body: dict[str, object], *, unknown_model_status: int = 404) -> Drawing:
    """Checks the whole request, in the order model, input, parameters (order guessed).

    Raises:
        Refusal: with the documented, observed or guessed message of the first thing that is wrong.
    """
    model = _model(body, unknown_model_status)
    prompt = _prompt(body)
    given = body.get("parameters")
    parameters = {} if given is None else _table(given, "parameters")
    width_px, height_px = _size(parameters)
    _check_count(parameters)
    return Drawing(
        model=model,
        prompt=prompt,
        size=str(parameters.get("size") or DEFAULT_SIZE),
        width_px=_produced(width_px),
        height_px=_produced(height_px),
        seed=_seed(parameters),
        rewriting=_flag(parameters, "prompt_extend"),
    )


def _model(body: dict[str, object], unknown_status: int) -> str:
    model = _text(_required(body, "model", "model"), "model")
    if model in MODELS:
        return model
    if unknown_status == 400:  # observed
        raise Refusal("InvalidParameter", "Model not exist.")
    raise Refusal("ModelNotFound")  # documented; observed: both


def _prompt(body: dict[str, object]) -> str:
    source = _table(_required(body, "input", "input"), "input")
    messages = _list(_required(source, "messages", "input.messages"), "input.messages")
    if not messages:
        raise invalid("[] is too short - 'messages'")  # documented for siblings
    if len(messages) > 1:
        raise invalid("messages length only support 1")  # documented
    message = _table(messages[0], "input.messages.0")
    if _required(message, "role", "input.messages.0.role") != "user":
        raise invalid("Input should be 'user': input.messages.0.role")  # guessed
    where = "input.messages.0.content"
    content = _list(_required(message, "content", where), where)
    if len(content) > 1:
        raise invalid("content length only support 1")  # by analogy with qwen-image-edit
    part = _table(content[0], f"{where}.0") if content else {}
    prompt = _text(part.get("text") or "", f"{where}.0.text")
    if not prompt.strip():
        raise invalid("lack of image or text")  # nearest documented
    return prompt


def _size(parameters: dict[str, object]) -> tuple[int, int]:
    size = parameters.get("size")
    text = DEFAULT_SIZE if size is None else _text(size, "parameters.size")
    found = _SIZE.fullmatch(text)
    if found is None:  # second half observed on qwen-image-3.0
        raise invalid(f"Invalid size {text[:40]!r}. Expected format: '<width>*<height>'.")
    width_px, height_px = int(found[1]), int(found[2])
    area_px = width_px * height_px
    if not MIN_AREA_PX <= area_px <= MAX_AREA_PX:  # rule documented, message observed
        raise invalid(
            f"Image area must be between {MIN_AREA_PX} and {MAX_AREA_PX} pixels. "
            f"Got area={area_px} (width={width_px}, height={height_px})."
        )
    return width_px, height_px


def _produced(side_px: int) -> int:
    """Guessed: rounded down to a multiple of 16, which the open weights ask for."""
    return side_px - side_px % _SIDE_STEP_PX or side_px


def _check_count(parameters: dict[str, object]) -> None:
    count = parameters.get("n")
    if count is not None and _integer(count, "parameters.n") != 1:
        raise invalid("num_images_per_prompt must be 1")  # documented


def _seed(parameters: dict[str, object]) -> int | None:
    if parameters.get("seed") is None:
        return None
    seed = _integer(parameters["seed"], "parameters.seed")
    if not 0 <= seed <= MAX_SEED:  # range documented, message by analogy
        raise invalid(f"Range of seed should be [0, {MAX_SEED}]")
    return seed


def _flag(parameters: dict[str, object], name: str) -> bool:
    value = parameters.get(name)
    if value is None:
        return False  # documented for prompt_extend
    if not isinstance(value, bool):
        raise invalid(f"Input should be a valid boolean: parameters.{name}")  # guessed
    return value


def _required(table: dict[str, object], name: str, where: str) -> object:
    if table.get(name) is None:
        raise invalid(f"Field required: {where}")  # documented
    return table[name]


def _table(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise invalid(f"Input should be a valid dictionary: {where}")  # by analogy
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise invalid(f"Input should be a valid list: {where}")  # documented
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"Input should be a valid string: {where}")  # by analogy
    return value


def _integer(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"Input should be a valid integer: {where}")  # by analogy
    return value
