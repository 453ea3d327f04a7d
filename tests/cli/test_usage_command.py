"""`zeuxis usage`: what was drawn, and whether the provider's bill agrees."""

from __future__ import annotations

import csv
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot import queue
from bot.__main__ import main
from bot.cli import usage
from bot.errors import BillUnreadable
from bot.features.usage.bill import bill_of
from bot.queue import ledger
from bot.records import replace
from tests.cli.test_operator import Desk, desk
from tests.queue.world import LOST, a_price, an_outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.db import Transaction
    from bot.queue.records import Job

__all__ = ["desk"]  # the fixture

SHANGHAI = ZoneInfo("Asia/Shanghai")
UTC_ZONE = ZoneInfo("UTC")


async def draw(desk: Desk, request_id: str, user: int = 1, guild: int = 1) -> Job:
    desk.clock.advance(2)
    await desk.submit(guild, user)
    job = await desk.claim()
    now_us = desk.clock.now_us()
    await desk.database.write(queue.mark_sent, job.id, "worker", now_us=now_us)
    outcome = replace(an_outcome(), provider_request_id=request_id)
    return await desk.database.write(
        queue.complete, job.id, "worker", outcome, price=a_price, now_us=now_us
    )


async def lose(desk: Desk, request_id: str) -> None:
    desk.clock.advance(2)
    await desk.submit()
    job = await desk.claim()
    now_us = desk.clock.now_us()
    await desk.database.write(queue.mark_sent, job.id, "worker", now_us=now_us)
    failure = replace(LOST, provider_request_id=request_id)
    await desk.database.write(queue.mark_uncertain, job.id, "worker", failure, now_us=now_us)


async def shown(desk: Desk, **how: Any) -> str:
    said: list[str] = []
    await usage.show_usage(desk.saying(said), **how)
    return "\n".join(said)


async def test_days_and_members_are_shown_as_tables(desk: Desk) -> None:
    for user in (1, 1, 2):
        await draw(desk, "r", user)
        desk.clock.advance(60)
    lines = (await shown(desk)).splitlines()
    assert " ".join(lines[0].split()) == "DAY PICTURES REWRITTEN COST REWRITING REFUSED FAILED"
    assert lines[1].split() == ["2027-01-15", "3", "0", "$0.045", "$0.00", "0", "0"]
    assert lines[2].split() == ["all", "3", "0", "$0.045", "$0.00"]
    assert [line.split() for line in lines[5:]] == [["1", "2", "$0.03"], ["2", "1", "$0.015"]]


async def test_one_guild_and_one_member_may_be_named(desk: Desk) -> None:
    await draw(desk, "a", user=1, guild=1)
    await draw(desk, "b", user=2, guild=2)
    assert json.loads(await shown(desk, json=True, guild=2))["pictures"] == 1
    mine = json.loads(await shown(desk, json=True, member=1))
    assert (mine["pictures"], mine["members"]) == (1, [])
    (row,) = csv.DictReader((await shown(desk, csv=True, member=2)).splitlines())
    assert (row["member"], row["cost_usd"]) == ("<@2>", "0.015000")


async def test_days_are_as_many_as_asked_for(desk: Desk) -> None:
    await draw(desk, "a")
    desk.clock.advance(3 * 86_400)
    assert json.loads(await shown(desk, json=True, days=3))["pictures"] == 0
    assert json.loads(await shown(desk, json=True, days=4))["pictures"] == 1


async def test_the_operator_s_file_is_whole(desk: Desk) -> None:
    """Discord's ends where an attachment would be too large; a sum over half of it is wrong."""
    many = 50_001
    day = desk.clock.now_us() // ledger.DAY_US

    def spend(tx: Transaction) -> None:
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO ledger_day SELECT ?, 1, i, 'settled', 'drawn', 1, 1, 1, 0, 0, 0, 15000"
            " FROM n",
            (many, day),
        )

    await desk.database.write(spend)
    assert len((await shown(desk, csv=True)).splitlines()) == 1 + many


# ------------------------------------------------------------------------------------------------
# The bill.


async def reconciled(
    desk: Desk, folder: Path, *lines: str, zone: ZoneInfo = UTC_ZONE
) -> tuple[int, list[str]]:
    file = folder / "bill.csv"
    file.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    said: list[str] = []
    return await usage.reconcile(desk.saying(said), file=str(file), zone=zone), said


async def test_a_bill_that_agrees_by_request_ids(desk: Desk, tmp_path: Path) -> None:
    await draw(desk, "r-1")
    await draw(desk, "r-2")
    head = "Request ID,Usage Time,Payable Amount (USD)"
    status, said = await reconciled(
        desk, tmp_path, head, "r-2,2027-01-15 08:00:01,0.015", "r-1,2027-01-15,$0.0150"
    )
    assert said == [
        "bill  2 for $0.03",
        "ours  2 for $0.03",
        "bill minus ours  $0.00, compared by request",
    ]
    assert status == 0


async def test_what_only_one_side_has_is_named_and_the_status_is_1(
    desk: Desk, tmp_path: Path
) -> None:
    """As is what was billed at another price, and what came of a lost answer."""
    for name in ("r-1", "r-2", "r-3"):
        await draw(desk, name)
    await lose(desk, "r-4")
    await lose(desk, "r-5")
    status, said = await reconciled(
        desk, tmp_path, "cost;request_id", "0.015;r-1", "0.03;r-3", "0.015;r-4", "0.015;r-9"
    )
    text = "\n".join(said)
    assert status == 1
    named = [line.split()[0] for line in said if line.strip().startswith("r-")]
    assert named == ["r-9", "r-2", "r-3", "r-4"]
    assert "the bill has it and we do not (1):" in text
    assert "we have it and the bill does not (1):" in text
    assert "its answer was lost" in text
    assert "bill minus ours  $0.03" in text


async def test_a_bill_without_ids_is_compared_by_day(desk: Desk, tmp_path: Path) -> None:
    """Days as the bill counts them: 8 o'clock in the evening in UTC is tomorrow in Shanghai."""
    await draw(desk, "r-1")
    desk.clock.advance(12 * 3600)
    await draw(desk, "r-2")
    head = "date,count,amount"
    status, _ = await reconciled(
        desk, tmp_path, head, "20270115,1,0.015", "2027/01/16,1,0.015", zone=SHANGHAI
    )
    assert status == 0
    status, said = await reconciled(desk, tmp_path, head, "2027-01-15,1,0.015")
    assert status == 1
    assert any(line.startswith("2027-01-15") for line in said)


async def test_folded_days_are_compared_as_well(desk: Desk, tmp_path: Path) -> None:
    await draw(desk, "r-1")
    await desk.database.write(ledger.fold, before_us=desk.clock.now_us() + 1)
    status, _ = await reconciled(desk, tmp_path, "date,amount", "2027-01-15,0.015")
    assert status == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"name,amount\nx,1\n", "no column with a request id or a date.*'name', 'amount'"),
        (b"date,what\n2026-01-01,1\n", "no column with an amount"),
        (b"date,amount\n2026-01-01,many\n", "line 2: expected an amount, got 'many'"),
        (b"date,amount\n2026-01-01,1\nsoon,1\n", "line 3: expected a date"),
        (b"date,amount\n0001-01-01T00:00:00+14:00,1\n", "line 2: expected a date"),
        (b"date,count,amount\n2026-01-01,x,1\n", "line 2: expected a count"),
        (b"date;amount\n2026-01-01;0,015\n", "line 2: expected an amount, got '0,015'"),
        (b"date;amount\n2026-01-01;1,2345\n", "line 2: expected an amount"),
        (b"date,amount\n2026-01-01,1e999\n", "line 2: expected an amount"),
        ("date,amount\n".encode("utf-16"), "expected UTF-8"),
        (b"date,amount\n2026-01-01," + b"1" * 200_000, "this is no CSV: field larger"),
    ],
)
def test_what_is_no_bill_is_refused_with_what_was_expected(content: bytes, says: str) -> None:
    with pytest.raises(BillUnreadable, match=says):
        bill_of(content, UTC_ZONE)


def put_nothing(_: Path) -> None:
    pass


def put_sparse(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(usage.MOST_BILL_BYTES + 1)


@pytest.mark.parametrize(
    ("put", "says"),
    [
        (put_nothing, "No such file"),
        (Path.mkdir, "it is no file"),
        (os.mkfifo, "it is no file"),  # which would wait for a writer
        (put_sparse, "more than 64 MiB: is it a bill?"),
    ],
)
async def test_what_cannot_be_a_bill_is_not_read(
    desk: Desk, tmp_path: Path, put: Callable[[Path], object], says: str
) -> None:
    put(tmp_path / "bill.csv")
    with pytest.raises(BillUnreadable, match=says):
        await usage.reconcile(desk.terminal, file=str(tmp_path / "bill.csv"))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_there_are_can_be_billed(
    desk: Desk, tmp_path: Path, day: str
) -> None:
    for zone in (UTC_ZONE, SHANGHAI, ZoneInfo("America/New_York")):
        status, said = await reconciled(desk, tmp_path, "date,amount", f"{day},0.015", zone=zone)
        assert (status, said[-1]) == (1, "bill minus ours  $0.015, compared by day")


@pytest.mark.parametrize(
    ("written", "micros"),
    [("0.0000015", 2), ("$1,234.50", 1_234_500_000), ("0.03 USD", 30_000), ("-0.015", -15_000)],
)
def test_amounts_are_read_exactly(written: str, micros: int) -> None:
    (line,) = bill_of(f'date;amount\n2026-01-01;"{written}"\n'.encode(), UTC_ZONE)
    assert line.micros == micros


@pytest.mark.parametrize(
    "written",
    ["2026-11-29T20:00:00Z", "2026-11-30 04:00:00+08:00", "1795982400", "1795982400000"],
)
def test_instants_count_in_the_bill_s_zone(written: str) -> None:
    assert datetime.fromtimestamp(1795982400, UTC).isoformat() == "2026-11-29T20:00:00+00:00"
    (line,) = bill_of(f"time,amount\n{written},1\n".encode(), SHANGHAI)
    assert str(line.day) == "2026-11-30"


def test_wrong_arguments_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["--days", "0"],
        ["--json", "--csv"],
        ["reconcile", "x", "--zone", "Nowhere"],
    ):
        with pytest.raises(SystemExit) as raised:
            main(["usage", *arguments])
        assert raised.value.code == 2
    assert "time zone such as Asia/Shanghai" in capsys.readouterr().err
