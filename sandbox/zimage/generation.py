"""One request drawn: limit, content check, waiting, bill, answer.

Order guessed: a request that is invalid does not use up the limit. Billed are only pictures drawn
(documented), whether or not the client still listens (nothing documented says otherwise).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.faults import met
from sandbox.faults.kinds import BurstRate, UnknownModel
from sandbox.zimage import answers
from sandbox.zimage.chats import EXTRA_S, Rewritten, rewritten
from sandbox.zimage.drawing import Drawing, read_drawing
from sandbox.zimage.errors import Refusal, ordered
from sandbox.zimage.gate import check_input, check_output, read_object
from sandbox.zimage.ledger import Outcome
from sandbox.zimage.storage import Recipe

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.zimage.account import Account
    from sandbox.zimage.ledger import Entry

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
