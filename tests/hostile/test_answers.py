"""What Z-Image, or whatever stands before it, may answer to the call that draws."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.hostile.showing import PLACES, ask
from tests.robustness.rows import rows

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "<html><head><title>Blocked</title></head><body>Not authorized</body></html>"
NO_PICTURE = "no picture"
UNCERTAIN = "uncertain: perhaps drawn and billed, never sent again"
REJECTED = "Z-Image did not accept this request"
UNREADABLE = "Z-Image gave an answer that I cannot read"
LOST = "The connection to Z-Image broke before its answer was here"
WITHOUT = "Z-Image answered without a picture"
CHECKED = "Z-Image's content check"


def status(status: int, body: str | dict[str, Any] = PAGE, **more: Any) -> dict[str, Any]:
    """An answer that is not the service's own work."""
    is_json = isinstance(body, dict)
    text = json.dumps(body) if is_json else body
    kind = "application/json" if is_json else "text/html"
    return {"kind": "status", "status": status, "body": text, "content_type": kind, **more}


def code(code: str, message: str = "no") -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "r"}


@dataclass(frozen=True, slots=True)
class Row:
    """What is answered, and what everybody sees."""

    name: str
    fault: dict[str, Any]
    row: str
    member: str
    log: tuple[str, ...] = (NO_PICTURE,)
    billed: int = 0

    def __str__(self) -> str:
        return self.name


def rejected(name: str, fault: dict[str, Any]) -> Row:
    return Row(name, fault, "failed RequestRejected", REJECTED)


def unreadable(name: str, body: str | dict[str, Any], status_: int = 200) -> Row:
    log = (NO_PICTURE, UNCERTAIN)
    return Row(name, status(status_, body), "uncertain AnswerUnreadable", UNREADABLE, log)


def lost(name: str, fault: dict[str, Any], billed: int) -> Row:
    return Row(name, fault, "uncertain AnswerLost", LOST, (NO_PICTURE, UNCERTAIN), billed)


def without(name: str, body: dict[str, Any]) -> Row:
    return Row(name, status(200, body), "failed NoImage", WITHOUT)


def checked(name: str, body: dict[str, Any], status_: int = 400) -> Row:
    return Row(name, status(status_, body), "refused ContentRefused", CHECKED)


def message(**fields: Any) -> dict[str, Any]:
    return {"output": {"choices": [{"message": fields}]}, "request_id": "r"}


ENDS = [
    rejected("a page with 400", status(400)),
    rejected("a payment wanted", status(402)),
    rejected("a firewall's 405", status(405)),
    rejected("not acceptable", status(406)),
    rejected("gone", status(410)),
    rejected("too large", status(413)),
    rejected("address too long", status(414)),
    rejected("another media type", status(415)),
    rejected("a teapot", status(418, "I'm a teapot")),
    rejected("unprocessable", status(422, {"detail": [{"loc": ["body"]}]})),
    rejected("for legal reasons", status(451)),
    rejected("an unknown code with 400", status(400, code("Brand.New"))),
    rejected("a list of codes", status(400, {"code": ["a"], "message": {"b": 1}})),
    rejected("a bad parameter", status(400, code("InvalidParameter", "size"))),
    rejected("a wrapped one", status(500, code("InternalError", "<400> InvalidParameter: size"))),
    checked("the input refused", status_=400, body=code("DataInspectionFailed", "Input data may")),
    checked("the output refused", status_=400, body=code("DataInspectionFailed", "Output data")),
    checked("the other spelling", status_=400, body=code("data_inspection_failed")),
    checked("within a success", status_=200, body=code("DataInspectionFailed", "Output")),
    checked("under error", status_=400, body={"error": code("DataInspectionFailed")}),
    Row(
        "a trademark",
        status(400, code("IPInfringementSuspect", "Input data")),
        "refused ContentRefused",
        "trademark or copyright",
    ),
    unreadable("nothing at all", ""),
    unreadable("a page with 200", PAGE),
    unreadable("a list", "[]"),
    unreadable("null", "null"),
    unreadable("a text", '"fine"'),
    unreadable("a number", "200"),
    unreadable("half of it", '{"output":{"choices":[{"message":{"content":[{"image":"https://'),
    unreadable("brackets without end", "[" * 100_000),
    unreadable("nothing but blanks", " " * 2_000_000),
    unreadable("zeros", "\0" * 50),
    unreadable("an unknown code with 200", code("Brand.New")),
    unreadable("no content", "", 204),
    unreadable("a part of it", '{"output":', 206),
    unreadable("accepted for later", {"output": {"task_status": "PENDING"}}, 202),
    without("an empty object", {}),
    without("no choices", {"output": {"choices": []}}),
    without("choices that are no list", {"output": {"choices": {"0": "x"}}}),
    without("a choice that is nothing", {"output": {"choices": [None]}}),
    without("an output that is a text", {"output": "https://x.aliyuncs.com/a.png"}),
    without("no content", message()),
    without("content that is a text", message(content="https://x.aliyuncs.com/a.png")),
    without("an image that is a number", message(content=[{"image": 7}])),
    without("an image that is an object", message(content=[{"image": {"url": "https://x"}}])),
    without("an image that is empty", message(content=[{"image": ""}])),
    without("a very deep message", message(content=[[[[[[[{"image": "x"}]]]]]]])),
    lost("a gateway that grew tired", status(504), 0),
    lost("a connection cut before", {"kind": "drop_before"}, 0),
    lost("a connection cut after the bill", {"kind": "drop_after"}, 1),
    lost("an answer cut in its head", {"kind": "cut_body", "after_bytes": 0}, 1),
    lost("an answer cut in the middle", {"kind": "cut_body", "after_bytes": 60}, 1),
]


@pytest.mark.parametrize("row", ENDS, ids=str)
async def test_an_end_without_a_picture_is_told_once(lasting_stage: Stage, row: Row) -> None:
    """By name, with its cost."""
    lasting_stage.fault({"server": "zimage", "match": "POST *", "times": 1, **row.fault})
    shown = await ask(lasting_stage, channel=next(PLACES))
    assert row.member in shown.member
    cost = (
        "may have been charged once" if row.row.startswith("uncertain") else "Nothing was charged"
    )
    assert cost in shown.member
    assert (shown.pictures, shown.billed) == (0, row.billed)
    assert (shown.row, shown.log) == (row.row, row.log)


ONCE = [
    *((f"a stranger's {number}", status(number)) for number in (301, 302, 307, 308)),
    *((f"a firewall's {number}", status(number)) for number in (401, 403, 404, 407)),
    *((f"an unknown {number}", status(number, code("waf"))) for number in (401, 403, 404)),
    *((f"a gateway's {number}", status(number)) for number in (500, 502, 503, 521, 599)),
    *((f"the service's {number}", status(number, code("InternalError"))) for number in (500, 503)),
    ("a 504 of its own", status(504, code("GatewayTimeout"))),
    ("a timeout's 408", status(408)),
    ("too early", status(425)),
    ("within a success", status(200, code("InternalError"))),
    ("throttled", status(429, code("Throttling.RateQuota"))),
    ("throttled by a page", status(429)),
    ("an odd wait", status(429, code("Throttling"), headers={"Retry-After": "-5"})),
    ("an endless code", status(500, code("Internal" * 50_000, "x" * 400_000))),
    ("an endless id", status(500, {**code("InternalError"), "request_id": "r" * 400_000})),
]


@pytest.mark.parametrize(("name", "fault"), ONCE, ids=[name for name, _ in ONCE])
async def test_what_may_pass_is_tried_again_and_drawn(
    lasting_stage: Stage, name: str, fault: dict[str, Any]
) -> None:
    """One warning in the log, of a sane length; one bill."""
    lasting_stage.fault({"server": "zimage", "match": "POST *", "times": 1, **fault})
    shown = await ask(lasting_stage, channel=next(PLACES))
    assert (shown.pictures, shown.billed, shown.row) == (1, 1, "shown")
    assert shown.log == (NO_PICTURE,)
    assert max(map(len, lasting_stage.log.splitlines())) < 5000


IMAGE = "output.choices.0.message.content.0"
ODD = [
    ("a gigantic size", {"usage.width": 60000, "usage.height": 60000}),
    ("a size beyond 64 bits", {"usage.width": 2**80, "usage.height": 2**80}),
    ("a size below zero", {"usage.width": -512}),
    ("a size of nothing", {"usage.width": 0, "usage.height": 0}),
    ("a size in words", {"usage.width": "wide"}),
    ("a broken size", {"usage.width": 512.5}),
    ("a size as a list", {"usage.width": [512]}),
    ("no usage", {"usage": None}),
    ("a usage that is a text", {"usage": "512*512"}),
    ("tokens of 2^63", {"usage.input_tokens": 2**63, "usage.output_tokens": 2**63}),
    ("tokens of 2^64", {"usage.input_tokens": 2**64}),
    ("tokens below zero", {"usage.input_tokens": -1}),
    ("tokens as a text", {"usage.input_tokens": "many"}),
    ("a code beside it", {"code": "Success"}),
    ("an error's code beside it", {"code": "InternalError", "message": "oops"}),
    ("a code that is a number", {"code": 200}),
    ("an endless code", {"code": "x" * 400_000}),
    ("an endless id", {"request_id": "r" * 400_000}),
    ("an id that is a number", {"request_id": 7}),
    ("an id that is a list", {"request_id": [1]}),
    ("an endless reasoning", {"output.choices.0.message.reasoning_content": "so " * 500_000}),
    ("a reasoning that is a list", {"output.choices.0.message.reasoning_content": ["so"]}),
    ("a text in the same part", {f"{IMAGE}.text": "a cat"}),
    ("a number as its text", {f"{IMAGE}.text": 7}),
    ("an endless text", {"output.choices.0.message.content.1.text": "cat " * 300_000}),
    ("a text with zeros", {"output.choices.0.message.content.1.text": "a\0b\u202e\u0007"}),
    ("no text", {"output.choices.0.message.content.1": {}}),
    ("parts that are nothing", {"output.choices.0.message.content.1": None}),
    ("another finish", {"output.choices.0.finish_reason": None}),
    ("unknown fields", {"output.new": {"a": [1]}, "later": True}),
]


@pytest.mark.parametrize(("name", "changes"), ODD, ids=[name for name, _ in ODD])
async def test_an_odd_field_beside_a_picture_costs_no_picture(
    lasting_stage: Stage, name: str, changes: dict[str, Any]
) -> None:
    """It is drawn and paid; nothing of it is believed that cannot be."""
    fault = {"server": "zimage", "kind": "changed_answer", "changes": changes, "times": 1}
    lasting_stage.fault(fault)
    shown = await ask(lasting_stage, channel=next(PLACES))
    assert (shown.pictures, shown.billed, shown.row, shown.log) == (1, 1, "shown", ())
    assert await _pixels(lasting_stage) == 512 * 512


@pytest.mark.parametrize("number", [201, 202, 203, 206, 299])
async def test_a_picture_is_a_picture_with_any_success(lasting_stage: Stage, number: int) -> None:
    """It is drawn and paid."""
    fault = {"server": "zimage", "kind": "changed_answer", "changes": {}, "status": number}
    lasting_stage.fault({**fault, "times": 1})
    shown = await ask(lasting_stage, channel=next(PLACES))
    assert (shown.pictures, shown.billed, shown.row, shown.log) == (1, 1, "shown", ())


async def test_none_of_this_was_taken_for_the_accounts_fault(lasting_stage: Stage) -> None:
    """Nor did anything break."""
    lasting_stage.fault()
    shown = await ask(lasting_stage, channel=next(PLACES))
    assert (shown.pictures, shown.billed, shown.row, shown.log) == (1, 1, "shown", ())
    for event in ("provider refuses", "answers with errors only", "can be reached", "Traceback"):
        assert event not in lasting_stage.log


async def _pixels(stage: Stage) -> int:
    """What the last picture counted in the totals."""
    query = "SELECT pixels FROM ledger WHERE entry = 'settled' ORDER BY job_id DESC LIMIT 1"
    return int(rows(stage.database, query)[0][0])
