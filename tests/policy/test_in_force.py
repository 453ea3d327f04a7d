"""What the policy says holds from the next transaction on, without a restart."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.app import _fill_policy
from bot.cli.doctor import _database
from bot.db.sqlite import Database
from bot.errors import PolicyUnreadable
from bot.features.imagine.service import Service
from bot.moderation.word_check import WordCheck
from bot.policy.rows import Asking, load_policy, set_policy
from bot.policy.rules import Key, Scope
from bot.providers.image import Size
from bot.providers.zimage import OFFER, price
from bot.queue.account import load_account
from bot.queue.counters import load_queue
from bot.queue.records import JobState, RoleId
from bot.refusals import QueueFull
from bot.settings.reading import load_settings
from tests.dispatcher.bench import Bench, a_bench
from tests.queue.world import ACCOUNT, a_price, a_request, an_origin, an_outcome

if TYPE_CHECKING:
    from pathlib import Path

    from bot.db import Transaction
    from bot.policy.rules import Value
    from bot.settings import Settings
    from tests.queue.world import World

NAMED = "operator 0 {}: expected"


def change(tx: Transaction, name: str, value: Value) -> None:
    set_policy(tx, Key(Scope.OPERATOR, 0, name), value, by="ada", now_us=1)


def spoil(tx: Transaction, name: str, value: str = "lots") -> None:
    """As with an editor for databases."""
    change(tx, name, OFFER.default_size if name == "default_size" else 1)
    tx.execute("UPDATE policy SET value = ? WHERE name = ?", (value, name))


def mend(tx: Transaction) -> None:
    tx.execute("DELETE FROM policy")


def counted(world: World, table: str) -> int:
    (count,) = world.tx.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)


def test_a_limit_that_is_changed_between_two_submits_holds_for_the_second(world: World) -> None:
    """Lower and higher again."""
    world.submit()
    world.run(change, "waiting_per_member", 1)
    with pytest.raises(QueueFull, match="scope=member waiting=1 limit=1"):
        world.submit()
    world.run(change, "waiting_per_member", 2)
    world.submit()


def test_shares_and_the_cap_of_a_guild_are_those_of_the_last_submit(world: World) -> None:
    """A role's share is its member's."""
    world.run(change, "running_per_guild", 3)
    for key, weight in ((Scope.GUILD, 1), 300), ((Scope.ROLE, 9), 50):
        world.run(set_policy, Key(*key, "weight"), weight, by="ada", now_us=1)
    roles = (RoleId(8), RoleId(9))
    world.run(
        queue.submit,
        a_request(),
        an_origin(1, 2),
        role_ids=roles,
        price=a_price,
        now_us=world.now_us,
    )
    assert world.tx.execute("SELECT weight, running_cap FROM tenant").fetchall() == [(300, 3)]
    assert world.tx.execute("SELECT weight FROM member").fetchall() == [(50,)]


@pytest.mark.parametrize("name", ["waiting_per_member", "price_plain_micros", "default_size"])
def test_nonsense_queues_nothing(world: World, name: str) -> None:
    """In any row of the operator's; what was queued before is still known."""
    origin = an_origin()
    first = world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    world.run(spoil, name)
    with pytest.raises(PolicyUnreadable, match=NAMED.format(name)):
        world.submit()
    assert [counted(world, table) for table in ("request", "job", "ledger")] == [1, 1, 1]
    again = world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    assert (again.job.id, again.is_new) == (first.job.id, False)
    world.run(mend)
    world.submit()


def test_calls_at_once_and_of_a_person_come_into_force_at_the_start(world: World) -> None:
    """Until then those of the last one hold."""
    world.run(change, "running", 7)
    world.run(change, "running_per_person", 2)
    before = load_account(world.tx, ACCOUNT), load_queue(world.tx)
    world.configure(2.0)
    after = load_account(world.tx, ACCOUNT), load_queue(world.tx)
    assert (before[0].max_running, before[1].running_per_person) == (64, 32)
    assert (after[0].max_running, after[1].running_per_person) == (7, 2)


def test_a_picture_is_settled_at_the_prices_of_its_end(world: World) -> None:
    """With rewriting and without."""
    for rewrite in (False, True):
        world.submit(request=a_request(rewrite=rewrite))
    jobs = [world.sent(), world.sent()]
    world.run(change, "price_plain_micros", 11)
    world.run(change, "price_rewritten_micros", 22)
    for job in jobs:
        world.run(
            queue.complete, job.id, world.token, an_outcome(), price=price, now_us=world.now_us
        )
    assert {job.request.rewrite: world.settled(job) for job in jobs} == {False: 11, True: 22}


async def test_a_paid_picture_waits_until_its_price_is_mended(tmp_path: Path) -> None:
    """Kept in memory as in a full disk, not drawn again; nonsense elsewhere does not hold it up."""
    async with a_bench(tmp_path) as bench, bench.at_work():
        first, second = await bench.submit("a cat", "a dog")
        await bench.database.write(spoil, "waiting_per_guild")
        await bench.database.write(spoil, "price_plain_micros")
        await bench.play(3)
        assert await bench.states([first, second]) == [JobState.RUNNING] * 2
        await bench.database.write(
            lambda tx: tx.execute("UPDATE policy SET value = '7' WHERE name LIKE 'price%'")
        )
        await bench.play(3)
        assert await bench.states([first, second]) == [JobState.DRAWN] * 2
        settled = await bench.value("SELECT sum(cost_micros) FROM ledger")
    assert settled == 14
    assert sorted(prompt for prompt, _ in bench.provider.sent) == ["a cat", "a dog"]


def a_service(bench: Bench) -> Service:
    return Service(
        database=bench.database,
        words=WordCheck(database=bench.database),
        clock=bench.clock,
        randomness=Random(7),
        offer=OFFER,
        price=price,
        wakeups=bench.wakeups,
    )


async def test_options_are_those_of_the_moment(tmp_path: Path) -> None:
    """Default size, rewriting and what each costs."""
    async with a_bench(tmp_path) as bench:
        service = a_service(bench)
        before = await service.options()
        for name, value in (
            ("default_size", Size(1280, 720)),
            ("rewrite_by_default", False),
            ("price_plain_micros", 11),
            ("price_rewritten_micros", 22),
        ):
            await bench.database.write(change, name, value)
        after = await service.options()
        await bench.database.write(spoil, "default_size", "16*16")
        with pytest.raises(PolicyUnreadable, match=NAMED.format("default_size")):
            await service.options()
    assert (before.default_size, before.rewrite_by_default) == (Size(1024, 1024), True)
    assert (before.plain_micros, before.rewritten_micros) == (15_000, 30_000)
    assert (after.default_size, after.rewrite_by_default) == (Size(1280, 720), False)
    assert (after.plain_micros, after.rewritten_micros) == (11, 22)


def settings_in(folder: Path, **others: str) -> Settings:
    needed = {"DISCORD_TOKEN": "token", "DASHSCOPE_API_KEY": "sk-key"}
    database = {"DATABASE_URL": f"sqlite:///{folder / 'a.db'}"}
    return load_settings({**needed, **database, **others}, dotenv=folder / "none.env")


async def test_a_setting_that_has_no_effect_any_more_is_logged(tmp_path: Path) -> None:
    """At each start, with whose change stands in its way."""
    settings = settings_in(tmp_path, ZIMAGE_MAX_RUNNING="9", GUILD_WEIGHTS="5:3")
    async with Database.open(settings.database_url) as database:
        await _fill_policy(settings, database, now_us=1)
        await database.write(change, "running", 4)
        with capture_logs() as logs:
            await _fill_policy(settings, database, now_us=2)
        policy = await database.read(load_policy, Asking(5))
    (line,) = logs
    told = {name: line[name] for name in ("log_level", "name", "value", "setting", "changed_by")}
    assert list(told.values()) == ["warning", "running", "4", "9", "ada"]
    assert (policy.limits.running, policy.guild_weight) == (4, 300)


async def test_doctor_names_the_row(tmp_path: Path) -> None:
    """Beside the running bot."""
    settings = settings_in(tmp_path)
    async with Database.open(settings.database_url) as database:
        assert "opens" in await _database(settings)
        await database.write(spoil, "running_per_person")
        with pytest.raises(PolicyUnreadable, match=NAMED.format("running_per_person")):
            await _database(settings)
