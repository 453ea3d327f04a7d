"""Every error of Z-Image's can be ordered (Model Studio "Error messages", 2026-06-23)."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.tests.zimage_calls import calling
from sandbox.zimage.errors import KNOWN, NATIVE

pytestmark = pytest.mark.sockets

DOCUMENTED = {
    400: """InvalidParameter Arrearage DataInspectionFailed IPInfringementSuspect InvalidURL
            UnsupportedOperation BadRequest.EmptyInput BadRequest.EmptyModel
            BadRequest.EmptyParameters BadRequest.IllegalInput CustomRoleBlocked FaqRuleBlocked
            ClientDisconnect InvalidParameter.DataInspection data_inspection_failed""",
    401: "InvalidApiKey invalid_api_key",
    403: """AccessDenied access_denied AccessDenied.Unpurchased Model.AccessDenied
            Workspace.AccessDenied App.AccessDenied AllocationQuota.FreeTierOnly""",
    404: "ModelNotFound WorkSpaceNotFound NotFound",
    429: """Throttling Throttling.RateQuota LimitRequests limit_requests Throttling.BurstRate
            limit_burst_rate Throttling.AllocationQuota insufficient_quota CommodityNotPurchased
            PrepaidBillOverdue PostpaidBillOverdue""",
    500: """InternalError internal_error InternalError.Algo InternalError.Upload
            InternalError.FileUpload InternalError.Timeout RequestTimeOut RewriteFailed SystemError
            ModelServiceFailed""",
    503: "ModelServingError ModelUnavailable ServiceUnavailable",
    504: "GatewayTimeout",
}
ROWS = [(status, code) for status, codes in DOCUMENTED.items() for code in codes.split()]


@pytest.mark.parametrize(("status", "code"), ROWS)
async def test_an_error_is_answered_by_its_code(status: int, code: str) -> None:
    """With its documented status and message; nothing is drawn nor billed."""
    async with calling() as zimage:
        zimage.stand.order({"server": "zimage", "kind": "error", "code": code})
        answer = await zimage.draw()
        assert (answer.status, answer.json["code"]) == (status, code)
        assert answer.json["message"] == KNOWN[NATIVE.get(code, code)].message != ""
        assert (zimage.ledger.generated, zimage.ledger.billed) == (0, 0)
        bills = ("CommodityNotPurchased", "PrepaidBillOverdue", "PostpaidBillOverdue")
        assert zimage.ledger.throttled == (status == 429 and code not in bills)
        assert zimage.ledger.entries[0].code == code
        assert zimage.rules() == []


async def test_the_snake_case_spelling_means_the_same_error() -> None:
    """Seven codes are known in both spellings."""
    assert all(native in KNOWN for native in NATIVE.values())
    assert len(NATIVE) == 7


async def test_an_error_can_be_worded_freely() -> None:
    """Live messages carry prefixes and suffixes."""
    async with calling() as zimage:
        zimage.stand.order(
            {
                "server": "zimage",
                "kind": "error",
                "code": "DataInspectionFailed",
                "message": "Green net check failed for input text",
                "prefix": "<400> InternalError.Algo.DataInspectionFailed: ",
                "suffix": " ",
            }
        )
        answer = await zimage.draw()
    assert answer.json["message"] == (
        "<400> InternalError.Algo.DataInspectionFailed: Green net check failed for input text "
    )


async def test_a_code_can_have_another_status() -> None:
    """ModelServingError is documented with 500 and with 503."""
    async with calling() as zimage:
        zimage.stand.order(
            {"server": "zimage", "kind": "error", "code": "ModelServingError", "status": 500}
        )
        assert (await zimage.draw()).status == 500


async def test_a_refusal_of_the_workspace_has_no_code() -> None:
    """401 with nothing but a message."""
    async with calling() as zimage:
        zimage.stand.order(
            {
                "server": "zimage",
                "kind": "error",
                "code": "",
                "status": 401,
                "message": "NOT AUTHORIZED",
            }
        )
        answer = await zimage.draw()
    assert answer.status == 401
    assert set(answer.json) == {"request_id", "message"}


async def test_a_business_error_hides_in_a_success() -> None:
    """Status 200 whose body holds a code and no output."""
    async with calling() as zimage:
        zimage.stand.order(
            {"server": "zimage", "kind": "error", "code": "InternalError.Algo", "status": 200}
        )
        answer = await zimage.draw()
        assert (answer.status, answer.json["code"]) == (200, "InternalError.Algo")
        assert zimage.ledger.entries[0].outcome == "failed"
        assert zimage.ledger.billed == 0


async def test_the_account_falls_into_arrears_from_a_call_on() -> None:
    """`skip` lets the first calls pass; the key check is another path."""
    async with calling() as zimage:
        zimage.stand.order(
            {
                "server": "zimage",
                "kind": "error",
                "code": "Arrearage",
                "match": "POST *",
                "skip": 2,
            }
        )
        assert [(await zimage.draw()).status for _ in range(4)] == [200, 200, 400, 400]
        assert (await zimage.get("/api/v1/tasks/x")).status == 200
        assert zimage.ledger.billed == 2


async def test_an_error_can_be_ordered_for_the_key_check() -> None:
    """And for the lists."""
    async with calling() as zimage:
        zimage.stand.order({"server": "zimage", "kind": "error", "code": "InvalidApiKey"})
        assert (await zimage.get("/api/v1/tasks/x")).status == 401
        assert (await zimage.get("/api/v1/quotas")).status == 401


async def test_a_wait_is_told_only_by_order() -> None:
    """No Retry-After was ever seen on this host."""
    fault = {"server": "zimage", "kind": "error", "code": "Throttling"}
    async with calling() as zimage:
        zimage.stand.order(fault)
        assert "Retry-After" not in (await zimage.draw()).headers
        zimage.stand.order({**fault, "retry_after": 7})
        assert (await zimage.draw()).headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("kind", "billed"),
    [
        ("no_image", False),
        ("no_image", True),
        ("empty_choices", False),
        ("empty_choices", True),
        ("broken_json", False),
        ("broken_json", True),
        ("html", False),
        ("html", True),
    ],
)
async def test_an_answer_without_a_picture_may_have_cost_one(kind: str, billed: bool) -> None:
    """The ledger knows; the next request is answered again."""
    async with calling() as zimage:
        zimage.stand.order({"server": "zimage", "kind": kind, "billed": billed, "times": 1})
        odd = await zimage.draw()
        assert b"Signature=" not in odd.body or kind == "broken_json"
        assert zimage.ledger.billed == zimage.ledger.generated == int(billed)
        assert (await zimage.draw()).image_url
        assert zimage.stand.faults.fired() == [1]


async def test_fields_of_an_answer_are_changed_by_order() -> None:
    """By their way down; the picture is painted and billed as ever."""
    async with calling() as zimage:
        image = "output.choices.0.message.content.0.image"
        changes = {"usage.width": 60000, image: "ftp{link}", "code": "new"}
        zimage.stand.order({"server": "zimage", "kind": "changed_answer", "changes": changes})
        answer = (await zimage.draw()).json
        link = answer["output"]["choices"][0]["message"]["content"][0]["image"]
        assert (answer["usage"]["width"], answer["code"]) == (60000, "new")
        assert link.startswith("ftphttp://127.0.0.1:")
        assert zimage.ledger.billed == 1


async def test_the_odd_answers_are_what_they_are_called() -> None:
    """Missing part, empty list, cut JSON, page of a gateway."""
    async with calling() as zimage:
        zimage.stand.order({"server": "zimage", "kind": "no_image"})
        parts = (await zimage.draw()).json["output"]["choices"][0]["message"]["content"]
        assert [set(part) for part in parts] == [{"text"}]
        zimage.stand.order({"server": "zimage", "kind": "empty_choices"})
        assert (await zimage.draw()).json["output"] == {"choices": []}
        zimage.stand.order({"server": "zimage", "kind": "broken_json"})
        broken = await zimage.draw()
        assert broken.status == 200
        with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
            _ = broken.json
        zimage.stand.order({"server": "zimage", "kind": "html", "status": 504})
        page = await zimage.draw()
        assert (page.status, page.headers["Content-Type"]) == (504, "text/html")


async def test_a_cut_before_the_answer_leaves_a_bill() -> None:
    """A client that sends the request again pays twice, and the ledger shows it."""
    async with calling() as zimage:
        zimage.stand.order({"server": "zimage", "kind": "drop_after", "times": 1})
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await zimage.draw("a cat", seed=7)
        await zimage.draw("a cat", seed=7)
        assert zimage.ledger.billed == 2
        assert [entry.downloads for entry in zimage.ledger.entries] == [0, 0]


async def test_a_cut_before_the_request_leaves_none() -> None:
    """It did nothing."""
    async with calling() as zimage:
        zimage.stand.order({"server": "zimage", "kind": "drop_before"})
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await zimage.draw()
        assert zimage.ledger.snapshot()["requests"] == []
