"""The client against the local Z-Image and its ledger: one POST, one bill, one meaning."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import (
    AccessRefused,
    AccountBlocked,
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    KeyRejected,
    NoImage,
    NotSent,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    UnexpectedAnswer,
)
from bot.providers.image import (
    Recommended,
    Size,
)
from bot.providers.zimage import OFFER, Timeouts, ZImageClient
from bot.records import replace
from sandbox.clock import SandboxClock
from sandbox.zimage import FAST, Serving, serving
from sandbox.zimage.errors import KNOWN, NATIVE

if TYPE_CHECKING:
    import aiohttp

pytestmark = pytest.mark.sockets

REQUEST = OFFER.image_request(
    prompt="a sitting orange cat", size=Size(512, 512), seed=7, rewrite=False
)
MEANINGS: dict[type[ProviderError], str] = {
    RequestRejected: """InvalidParameter InvalidParameter.DataInspection InvalidURL
        UnsupportedOperation BadRequest.EmptyInput BadRequest.EmptyModel BadRequest.EmptyParameters
        BadRequest.IllegalInput ClientDisconnect""",
    ContentRefused: """DataInspectionFailed data_inspection_failed IPInfringementSuspect
        CustomRoleBlocked FaqRuleBlocked""",
    KeyRejected: "InvalidApiKey invalid_api_key",
    AccessRefused: """AccessDenied access_denied AccessDenied.Unpurchased Model.AccessDenied
        Workspace.AccessDenied App.AccessDenied ModelNotFound Model.NotExist WorkSpaceNotFound
        NotFound""",
    AccountBlocked: """Arrearage AllocationQuota.FreeTierOnly CommodityNotPurchased
        PrepaidBillOverdue PostpaidBillOverdue""",
    RateLimited: """Throttling Throttling.RateQuota LimitRequests limit_requests
        Throttling.BurstRate limit_burst_rate Throttling.AllocationQuota insufficient_quota""",
    ProviderFailed: """InternalError internal_error InternalError.Algo InternalError.Upload
        InternalError.FileUpload InternalError.Timeout RequestTimeOut RewriteFailed SystemError
        ModelServiceFailed ModelServingError ModelUnavailable ServiceUnavailable GatewayTimeout""",
}
ROWS = [(code, kind) for kind, codes in MEANINGS.items() for code in codes.split()]


def _client(
    session: aiohttp.ClientSession, stand: Serving, *, total_s: float = 30.0
) -> ZImageClient:
    return ZImageClient(
        session,
        base_url=stand.base_url,
        api_key=stand.api_key,
        model="z-image-turbo",
        timeouts=Timeouts(total_s=total_s),
    )


def test_no_code_of_the_sandbox_is_without_a_meaning() -> None:
    """A code that it learns must be added here."""
    assert {code for code, _ in ROWS} == {*KNOWN, *NATIVE}


@pytest.mark.parametrize(("code", "kind"), ROWS)
async def test_an_error_is_known_by_its_code_after_one_post(
    session: aiohttp.ClientSession, code: str, kind: type[ProviderError]
) -> None:
    """With the request id under which the service knows it; nothing is billed."""
    async with serving() as stand:
        stand.order({"server": "zimage", "kind": "error", "code": code})
        with pytest.raises(ProviderError) as caught:
            await _client(session, stand).draw(REQUEST)
        (entry,) = stand.zimage.ledger.entries

    assert type(caught.value) is kind
    assert caught.value.code == code
    assert caught.value.request_id == entry.request_id
    assert stand.zimage.ledger.billed == 0


@pytest.mark.parametrize(
    ("fault", "kind", "billed"),
    [
        ({"kind": "drop_before"}, AnswerLost, 0),
        ({"kind": "drop_after"}, AnswerLost, 1),
        ({"kind": "cut_body", "after_bytes": 0}, AnswerLost, 1),
        ({"kind": "cut_body", "after_bytes": 40}, AnswerLost, 1),
        ({"kind": "broken_json"}, AnswerUnreadable, 1),
        ({"kind": "html", "status": 200, "billed": True}, AnswerUnreadable, 1),
        ({"kind": "html", "status": 502}, ProviderFailed, 0),
        ({"kind": "html", "status": 504}, AnswerLost, 0),
        ({"kind": "html", "status": 413}, RequestRejected, 0),
        ({"kind": "empty_choices"}, NoImage, 0),
        ({"kind": "no_image", "billed": True}, NoImage, 1),
        ({"kind": "error", "code": "Throttling", "status": 200}, RateLimited, 0),
        ({"kind": "error", "code": "InternalError", "status": 200}, ProviderFailed, 0),
        ({"kind": "status", "status": 403}, UnexpectedAnswer, 0),
        ({"kind": "status", "status": 500, "body": "oops"}, ProviderFailed, 0),
    ],
)
async def test_whatever_happens_to_the_answer_there_was_one_post(
    session: aiohttp.ClientSession,
    fault: dict[str, object],
    kind: type[ProviderError],
    billed: int,
) -> None:
    """And what may be billed is never called safe to send again."""
    async with serving() as stand:
        stand.order({"server": "zimage", **fault})
        with pytest.raises(ProviderError) as caught:
            await _client(session, stand).draw(REQUEST)
        (met,) = stand.faults.snapshot()
        assert met["seen"] == 1
        assert stand.zimage.ledger.billed == billed

    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("fault", "billed"),
    [
        ({"kind": "hang_before"}, 0),
        ({"kind": "hang_after"}, 1),
        ({"kind": "slow_body", "bytes_per_second": 50}, 1),
    ],
)
async def test_an_answer_that_does_not_come_in_time_is_lost(
    session: aiohttp.ClientSession, fault: dict[str, object], billed: int
) -> None:
    """However much of it is there. A second is enough to send a request on a busy machine."""
    async with serving() as stand:
        stand.order({"server": "zimage", **fault})
        with pytest.raises(AnswerLost):
            await _client(session, stand, total_s=1.0).draw(REQUEST)
        (met,) = stand.faults.snapshot()
        assert met["seen"] == 1
        assert stand.zimage.ledger.billed == billed


async def test_bills_equal_posts_however_often_connections_are_cut(
    session: aiohttp.ClientSession,
) -> None:
    """Forty calls, about a third cut after billing, over kept connections: forty bills."""
    drawn = lost = 0
    async with serving(dataclasses.replace(FAST, seed=3)) as stand:
        stand.order({"server": "zimage", "kind": "drop_after", "probability": 0.35})
        client = _client(session, stand)
        for _ in range(40):
            try:
                await client.draw(REQUEST)
                drawn += 1
            except AnswerLost:
                lost += 1

    assert lost > 5
    assert drawn + lost == stand.zimage.ledger.billed == len(stand.zimage.ledger.entries) == 40


@pytest.mark.parametrize("packed", [{"kind": "gzip", "on": True}, {"kind": "chunked", "on": True}])
async def test_a_picture_is_drawn_however_the_answer_is_packed(
    session: aiohttp.ClientSession, packed: dict[str, object]
) -> None:
    """Compressed or in chunks."""
    async with serving() as stand:
        stand.order({"server": "zimage", **packed})
        outcome = await _client(session, stand).draw(REQUEST)

    assert outcome.size == Size(512, 512)
    assert outcome.shown_prompt == REQUEST.prompt
    assert outcome.provider_request_id == stand.zimage.ledger.entries[0].request_id


@pytest.mark.parametrize("one", OFFER.recommended, ids=lambda one: str(one.size))
async def test_every_recommended_size_is_drawn(
    session: aiohttp.ClientSession, one: Recommended
) -> None:
    """And no rule of the interface is broken by asking."""
    async with serving() as stand:
        outcome = await _client(session, stand).draw(replace(REQUEST, size=one.size))

    assert outcome.size == one.size
    assert stand.zimage.ledger.billed == 1
    assert stand.violations.snapshot() == []


async def test_the_reference_prompt_cut_to_800_characters_is_drawn_and_rewritten(
    session: aiohttp.ClientSession,
) -> None:
    """The rewritten prompt and its cost in tokens come along."""
    sample = Path("tests/data/reference_prompt.txt").read_text(encoding="utf-8").strip()
    request = OFFER.image_request(
        prompt=sample[: OFFER.prompt_limit],
        size=Size(1024, 1024),
        seed=2_147_483_647,
        rewrite=True,
        negative="blurry",
    )
    async with serving() as stand:
        outcome = await _client(session, stand).draw(request)
        (entry,) = stand.zimage.ledger.entries

    assert outcome.shown_prompt not in ("", request.prompt)
    assert outcome.reasoning
    assert outcome.output_tokens > 0
    assert (entry.rewriting, entry.seed, entry.size) == (True, 2_147_483_647, "1024*1024")
    assert stand.violations.snapshot() == []


async def test_the_rate_is_told_apart_from_other_refusals(session: aiohttp.ClientSession) -> None:
    """The third call within a second is refused with its wait, and not billed."""
    limited = dataclasses.replace(FAST, requests_per_second=2.0)
    async with serving(limited, clock=SandboxClock.manual()) as stand:
        stand.order({"server": "zimage", "kind": "retry_after", "seconds": 1})
        client = _client(session, stand)
        for _ in range(2):
            await client.draw(REQUEST)
        with pytest.raises(RateLimited) as caught:
            await client.draw(REQUEST)

    assert caught.value.retry_after_s == 1.0
    assert stand.zimage.ledger.billed == 2


@pytest.mark.parametrize("status", [400, 404])
async def test_an_unknown_model_is_the_operators_affair_in_both_spellings(
    session: aiohttp.ClientSession, status: int
) -> None:
    """400 InvalidParameter and 404 ModelNotFound were both reported."""
    async with serving() as stand:
        stand.order({"server": "zimage", "kind": "unknown_model", "status": status})
        client = ZImageClient(
            session, base_url=stand.base_url, api_key=stand.api_key, model="z-image-typo"
        )
        with pytest.raises(AccessRefused):
            await client.draw(REQUEST)


async def test_a_wrong_path_is_the_operators_affair(session: aiohttp.ClientSession) -> None:
    """The base URL lacks or doubles a part."""
    async with serving() as stand:
        client = ZImageClient(
            session, base_url=stand.base_url + "/x", api_key=stand.api_key, model="z-image-turbo"
        )
        with pytest.raises(AccessRefused):
            await client.draw(REQUEST)


async def test_the_key_is_checked_and_the_quota_read(session: aiohttp.ClientSession) -> None:
    """Nothing is drawn for either."""
    limited = dataclasses.replace(FAST, requests_per_second=2.0)
    async with serving(limited, clock=SandboxClock.manual()) as stand:
        client = _client(session, stand)
        await client.check_key()
        quota = await client.quota()
        other = ZImageClient(
            session, base_url=stand.base_url, api_key="sk-other-region", model="z-image-turbo"
        )
        with pytest.raises(KeyRejected):
            await other.check_key()
        assert await other.quota() is None

    assert quota is not None
    assert quota.requests_per_second == 2.0
    assert stand.zimage.ledger.entries == []


async def test_a_service_that_is_away_was_sent_nothing(session: aiohttp.ClientSession) -> None:
    """Its port is closed."""
    async with serving() as stand:
        client = _client(session, stand)
    with pytest.raises(NotSent):
        await client.draw(REQUEST)
