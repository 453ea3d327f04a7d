"""Who is told what is kept of them, or is forgotten, is told and takes nothing of others'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.features.imagine.records import TypedRequest
from bot.features.imagine.rows import keep as keep_draft
from bot.features.moderation.rows.notices import NoticeKind, put_notice
from bot.features.privacy import rows as privacy
from bot.moderation.word_rule_rows import put_rule
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.policy.changes import Author, Change, change_policy
from bot.policy.defaults import PersonDefault
from bot.policy.rows import put_style, save_default
from bot.policy.rules import Key, Rewriting, Scope
from bot.policy.standing import StandingKind, drop_standing
from bot.policy.styles import Style
from bot.providers.zimage import OFFER
from bot.queue import ledger
from bot.queue.records import GuildId, InteractionId, UserId
from bot.queue.shown import begin_repost, record_likeness
from tests.queue.conftest import world as _world
from tests.queue.test_forget import ADA, BEN, a_life, forget, moderated_as
from tests.queue.world import an_origin

if TYPE_CHECKING:
    from tests.queue.world import World

world = _world
STRANGER = UserId(1323802878834334939)
GUILD = 901


def a_full_house(world: World) -> None:
    """Something of two members in every table that names members."""
    moderated_as(world, ADA, BEN)
    world.run(drop_standing, StandingKind.BLOCKED, GUILD, ADA)
    (case_id,) = world.tx.execute("SELECT min(id) FROM case_file").fetchone()
    world.run(put_notice, ADA, case_id, NoticeKind.APPEALED, now_us=1)
    world.submit(GUILD, ADA)
    drawn = world.drawn()
    world.run(record_likeness, drawn.id, 1)
    world.run(begin_repost, InteractionId(1), drawn.id, drawn.origin.channel_id)
    a_life(world)
    typed = TypedRequest(prompt="a cat", rewriting=Rewriting.ASK)
    world.run(keep_draft, typed, an_origin(GUILD, ADA), now_us=1)
    world.run(save_default, ADA, PersonDefault(pings=True))
    world.run(put_style, GUILD, Style(name="Noir", prompt="noir"), by=str(ADA), now_us=1)
    rule = WordRule(id=0, name="Sea", outcome=RuleOutcome.REFUSE, words=("walrus",))
    world.run(put_rule, GUILD, rule, by=BEN, now_us=1)
    limit = Change(key=Key(Scope.MEMBER, ADA, "member_pictures_per_day", GUILD), value=5)
    world.run(change_policy, [limit], Author(actor=str(BEN), source="discord"), OFFER, now_us=1)
    world.run(ledger.fold, before_us=drawn.created_at_us + 1)
    world.sent()


def all_rows(world: World) -> dict[str, list[Any]]:
    """Of every table."""
    tables = world.tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        name: sorted(world.tx.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for (name,) in tables
    }


def test_a_stranger_is_told_nothing_of_others(world: World) -> None:
    a_full_house(world)
    ada, ben, nobody = (privacy.kept_of(world.tx, one) for one in (ADA, BEN, STRANGER))
    assert [name for name in ada if not ada[name] + ben[name]] == [], "nothing to be told"
    assert [name for name in nobody if nobody[name]] == []


def test_forgetting_a_stranger_changes_nothing_of_others(world: World) -> None:
    a_full_house(world)
    before = all_rows(world)
    assert forget(world, STRANGER) == 0
    assert all_rows(world) == before


def test_forgetting_a_guild_changes_nothing_of_others(world: World) -> None:
    a_full_house(world)
    before = all_rows(world)
    world.tx.execute("INSERT INTO guild (id, joined_at_us, left_at_us) VALUES (903, 0, 5)")
    assert world.run(privacy.forget_left, GuildId(903), before_us=5, now_us=world.now_us) == 0
    assert all_rows(world) == before
