"""What the bot counts is what the provider bills, and what members and staff are shown."""

from __future__ import annotations

import csv
import io
import signal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.seen import lines
from tests.journeys.test_imagine import SMALL
from tests.robustness.rows import states

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

ADA, BEN, STAFF = 0, 1, 3
PRICES = {False: "0.015", True: "0.030"}


def bill(stage: Stage) -> str:
    """As the provider would write it, of what its own ledger has billed."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["Request ID", "Usage Time", "Payable Amount (USD)"])
    for one in stage.ledger()["requests"]:
        if one["billed"]:
            writer.writerow([one["request_id"], int(one["time"]), PRICES[one["prompt_extend"]]])
    return file.getvalue()


async def reconcile(stage: Stage, content: str) -> tuple[int, str]:
    file = stage.folder / "bill.csv"
    file.write_text(content)
    before = len(stage.log)
    process = await stage.spawn_bot(["usage", "reconcile", str(file)])
    status = await process.wait()
    return status, stage.log[before:]


async def test_the_provider_s_bill_agrees_to_the_micro_dollar(stage: Stage) -> None:
    """Rewriting on and off, refusals and retries between; a forged line is found."""
    stage.fault(
        {"server": "zimage", "kind": "error", "code": "DataInspectionFailed", "times": 2},
        {"server": "zimage", "kind": "error", "code": "InternalError.Algo", "times": 2},
    )
    for number in range(16):
        await stage.imagine(
            f"{number}", rewrite=("on", "off", "off")[number % 3], size=SMALL, member=number % 3
        )
    await stage.until(lambda: states(stage) == {"shown": 14, "refused": 2})
    assert stage.ledger()["billed"] == 14
    status, said = await reconcile(stage, bill(stage))
    assert "bill minus ours  $0.00, compared by request" in said
    assert status == 0
    when = int(stage.ledger()["requests"][0]["time"])
    status, said = await reconcile(stage, f"{bill(stage)}forged,{when},0.015\n")
    assert status == 1
    assert "the bill has it and we do not (1)" in said


async def ask(stage: Stage, name: str, **act: Any) -> Any:
    (answer,) = (await stage.control.settled(await stage.control.act("command", name=name, **act)))[
        "messages"
    ]
    assert answer["flags"] & 64
    return answer


async def test_members_and_staff_are_shown_what_was_painted(stage: Stage) -> None:
    """As charts with their figures as alternative text; a plain member sees their own alone."""
    await stage.pictures(await stage.imagine(size=SMALL, member=ADA))
    await stage.pictures(await stage.imagine(size=SMALL, member=BEN, rewrite="on"))
    mine = await ask(stage, "usage me", member=ADA)
    assert len(mine["attachments"]) == 3
    assert any("1 picture, $0.015" in one["description"] for one in mine["attachments"])
    for name in ("usage server", "usage top", "usage export"):
        refused = await ask(stage, name, member=ADA)
        assert refused["attachments"] == []
        shown = await ask(stage, name, member=STAFF)
        assert shown["attachments"] != []
    server = await ask(stage, "usage server", member=STAFF)
    assert "2 pictures · $0.045" in "\n".join(lines(server))
    top = next(one for one in server["attachments"] if one["filename"] == "usage-top.png")
    assert "Ada: 1 picture" in top["description"] or "member" in top["description"]
    stage.control.guild = stage.control.addresses["guilds"][1]
    elsewhere = await ask(stage, "usage server", member=STAFF)
    assert elsewhere["attachments"] == []


@pytest.mark.parametrize("level", ["info", "debug"])
async def test_after_delete_neither_files_nor_logs_name_the_member(
    stage: Stage, level: str
) -> None:
    """After a picture, and while one is being painted. Prompts are logged for debugging alone."""
    prompt = "a walrus reading Kierkegaard"
    user_id = stage.control.member(ADA)
    await stage.kill_bot()
    stage.environment.update(LOG_LEVEL=level, SHUTDOWN_GRACE_S="1")
    await stage.start_bot()
    await stage.pictures(await stage.imagine(prompt, size=SMALL, member=ADA))
    stage.fault({"server": "zimage", "kind": "hang_after", "times": 1})
    await stage.imagine(prompt, size=SMALL, member=ADA)
    await stage.until(lambda: states(stage)["running"] == 1)
    for name in ("usage me", "privacy export"):
        await ask(stage, name, member=ADA)
    asked = await ask(stage, "privacy delete", member=ADA)
    pressed = await stage.control.act(
        "component",
        message_id=asked["id"],
        custom_id="zeuxis:forget",
        member=ADA,
        channel=asked["channel_id"],
    )
    await stage.control.settled(pressed)
    await stage.kill_bot(signal.SIGTERM)
    forms = (user_id.encode(), int(user_id).to_bytes(8, "big"), prompt.encode())
    database = b"".join(
        one.read_bytes() for one in stage.folder.iterdir() if one.name.startswith("zeuxis.db")
    )
    assert not any(one in database for one in forms)
    assert user_id not in stage.log
    assert (prompt in stage.log) is (level == "debug")
