"""The compatible-mode interface rewrites prompts for tokens, under the account's keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.tests.zimage_calls import calling
from sandbox.zimage.chats import COMPATIBLE, COMPLETIONS
from sandbox.zimage.ledger import Outcome
from sandbox.zimage.moderations import MODERATIONS

if TYPE_CHECKING:
    from sandbox.tests.zimage_calls import Answer, Caller

pytestmark = pytest.mark.sockets


def body(prompt: str = "a cat", **others: object) -> dict[str, Any]:
    messages = [
        {"role": "system", "content": "Rewrite the prompt."},
        {"role": "user", "content": prompt},
    ]
    return {"model": "qwen-flash", "messages": messages, **others}


async def chat(zimage: Caller, asked: object, **headers: str) -> Answer:
    sent = {"Content-Type": "application/json", **zimage.key(), **headers}
    return await zimage.ask("POST", COMPLETIONS, headers=sent, data=json.dumps(asked).encode())


async def test_a_prompt_is_rewritten_the_same_each_time_and_billed_by_the_token() -> None:
    """No picture is counted."""
    async with calling() as zimage:
        answers = [(await chat(zimage, body())).json for _ in range(2)]
        text = answers[0]["choices"][0]["message"]["content"]
        assert "a cat" in text
        assert text != "a cat"
        assert answers[1]["choices"] == answers[0]["choices"]
        (first, _) = zimage.ledger.chats
        assert answers[0]["usage"] == {
            "prompt_tokens": first.input_tokens,
            "completion_tokens": first.output_tokens,
            "total_tokens": first.input_tokens + first.output_tokens,
        }
        micros = (first.input_tokens * 50_000 + first.output_tokens * 400_000) / 1e6
        assert 0 <= first.cost_micros - micros < 1
        told = zimage.ledger.snapshot()
        assert (told["accepted"], told["billed"]) == (0, 0)
        assert isinstance(told["chats"], list)
        assert told["chats"][0]["cost_micros"] == first.cost_micros
        assert zimage.stand.api_key not in json.dumps(told)


async def test_an_answer_over_the_most_tokens_is_cut() -> None:
    async with calling() as zimage:
        answer = (await chat(zimage, body(max_tokens=5))).json
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 5


WRONG = {
    "no model": ({"messages": []}, 404, "model_not_found"),
    "no messages": ({"model": "qwen-flash", "messages": []}, 400, "InvalidParameter"),
    "a role there is not": (
        {"model": "qwen-flash", "messages": [{"role": "nobody", "content": "x"}]},
        400,
        "InvalidParameter",
    ),
    "no words of the user's": (body(" "), 400, "InvalidParameter"),
    "a content that is no text": (body(7), 400, "InvalidParameter"),  # type: ignore[arg-type]  # the point
    "no tokens for the answer": (body(max_tokens=0), 400, "InvalidParameter"),
    "a stream": (body(stream=True), 400, "InvalidParameter"),
    "a word that is refused": (body("forbidden-by-sandbox"), 400, "data_inspection_failed"),
    "a word that is refused later": (body("unseemly-by-sandbox"), 400, "data_inspection_failed"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_refused_costs_nothing(what: str) -> None:
    """The error is wrapped, as this interface does."""
    asked, status, code = WRONG[what]
    async with calling() as zimage:
        answer = await chat(zimage, asked)
        (written,) = zimage.ledger.chats
    assert answer.status == status
    assert answer.json["error"]["code"] == code
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    assert (written.outcome, written.code, written.billed) == (Outcome.REFUSED, code, False)


async def test_a_wrong_key_is_refused() -> None:
    async with calling() as zimage:
        answer = await chat(zimage, body(), Authorization="Bearer sk-other")
    assert (answer.status, answer.json["error"]["code"]) == (401, "invalid_api_key")


async def test_models_are_listed_and_another_path_is_none() -> None:
    async with calling() as zimage:
        listed = (await zimage.get(f"{COMPATIBLE}/models")).json
        lost = await zimage.get(f"{COMPATIBLE}/images/generations")
        assert zimage.rules() == ["wrong-path"]
    assert "qwen-flash" in {one["id"] for one in listed["data"]}
    assert lost.status == 400


async def test_a_fault_names_this_interface_alone() -> None:
    """Pictures are drawn meanwhile."""
    async with calling() as zimage:
        zimage.stand.order(
            {
                "server": "zimage",
                "match": "POST /compatible-mode/*",
                "kind": "error",
                "code": "limit_requests",
                "retry_after": 7,
            }
        )
        refused, drawn = await chat(zimage, body()), await zimage.draw()
        (written,) = zimage.ledger.chats
    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert refused.json["error"]["code"] == "limit_requests"
    assert written.outcome is Outcome.THROTTLED
    assert drawn.status == 200


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ({"code": "Throttling"}, Outcome.THROTTLED),
        ({"code": "TooManyOfSomething", "status": 429}, Outcome.THROTTLED),
        ({"code": "PrepaidBillOverdue"}, Outcome.REFUSED),
        ({"code": "Throttling", "status": 400}, Outcome.REFUSED),
        ({"code": "InvalidParameter", "status": 200}, Outcome.FAILED),
        ({"code": "ModelServingError"}, Outcome.FAILED),
    ],
)
async def test_chats_pictures_and_moderations_end_by_one_rule(
    error: dict[str, object], outcome: Outcome
) -> None:
    """A 429 is for the rate, unless the account is to pay."""
    async with calling() as zimage:
        zimage.stand.order(
            *({"server": server, "kind": "error", **error} for server in ("zimage", "openai"))
        )
        await chat(zimage, body())
        await zimage.draw()
        await zimage.ask("POST", MODERATIONS, headers=zimage.key(), data=b"{}")
        ledger = zimage.ledger
        ended = [ledger.chats[0].outcome, ledger.entries[0].outcome, ledger.moderations[0].outcome]
    assert ended == [outcome] * 3


@pytest.mark.parametrize(
    ("fault", "is_billed"),
    [
        ({"kind": "broken_json"}, True),
        ({"kind": "html"}, False),
        ({"kind": "empty_choices", "billed": True}, True),
        ({"kind": "changed_answer", "changes": {"choices.0.message.content": ""}}, True),
    ],
)
async def test_an_odd_answer_is_billed_as_it_says(
    fault: dict[str, object], is_billed: bool
) -> None:
    async with calling() as zimage:
        whole = await chat(zimage, body())
        zimage.stand.order({"server": "zimage", **fault})
        odd = await chat(zimage, body())
        assert [one.billed for one in zimage.ledger.chats] == [True, is_billed]
    assert odd.body != whole.body
