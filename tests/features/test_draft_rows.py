"""Drafts on a real file: used once, paid once, forgotten in time, never left hanging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.db.sqlite import Database
from bot.features.imagine import rows
from bot.features.imagine.records import DraftState, TypedRequest
from bot.features.privacy.rows import forget, kept_of
from bot.housekeeping import DRAFT_DAYS, Housekeeping
from bot.moderation.word_check import WordCheck
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Rewriting, Scope
from bot.queue import ledger, quota_use
from bot.queue.forget import forget_guild
from bot.queue.records import ChannelId, GuildId, InteractionId, JobId, TenantId, UserId
from bot.records import replace
from bot.refusals import (
    DraftClosed,
    DraftEnd,
    Level,
    QueueFull,
    QuotaUsedUp,
    RewritingOff,
)
from tests.clock import ManualClock
from tests.queue.conftest import world as _world
from tests.queue.test_forget import ADA, naming
from tests.queue.test_quota_use import limit
from tests.queue.world import a_price, a_request, an_origin

if TYPE_CHECKING:
    from pathlib import Path

    from bot.features.imagine.records import Draft
    from bot.policy.rules import Value
    from bot.queue.records import Origin
    from tests.queue.world import World

world = _world
TYPED = TypedRequest(
    prompt="a cat", negative="dogs", size="1x1", seed="abc", rewriting=Rewriting.ASK, count=2
)
DAY_S = 86_400.0
ME = UserId(1)
SUMMED = ("ledger", "ledger_day")


def begin(world: World, interaction: int = 9001, *, of: Origin | None = None) -> Draft:
    return world.run(
        rows.begin_rewriting,
        TYPED,
        [a_request()],
        of or an_origin(interaction=interaction),
        prompt_limit=800,
        price=a_price,
        now_us=world.now_us,
    )


def rewritten(world: World, interaction: int = 9001, *, of: Origin | None = None) -> Draft:
    draft = begin(world, interaction, of=of)
    return world.run(
        rows.record_rewriting,
        draft.id,
        "a red cat",
        input_tokens=300,
        output_tokens=200,
        now_us=world.now_us,
    )


def entries(world: World) -> list[Any]:
    return world.tx.execute("SELECT job_id, entry FROM ledger ORDER BY 1, 2").fetchall()


def set_value(world: World, name: str, value: Value) -> None:
    world.run(set_policy, Key(Scope.OPERATOR, 0, name), value, by="operator", now_us=1)


def test_what_was_typed_comes_back_as_it_was_typed(world: World) -> None:
    """However wrong it is; it costs nothing and is nobody else's."""
    draft = world.run(rows.keep, TYPED, an_origin(), now_us=world.now_us)
    assert rows.open_draft(world.tx, draft.id, ME).typed == TYPED
    assert entries(world) == []
    with pytest.raises(DraftClosed):
        rows.open_draft(world.tx, draft.id, UserId(2))


def test_a_draft_has_a_number_that_no_job_has(world: World) -> None:
    """Both have entries in the ledger."""
    draft = begin(world)
    job = world.submit().job
    other = begin(world, 9002)
    assert len({draft.id, job.id, other.id}) == 3


def test_the_cost_is_that_of_the_tokens_at_the_prices_of_now(world: World) -> None:
    assert rewritten(world).cost_micros == 95
    set_value(world, "rewriter_output_micros", 0)
    assert rewritten(world, 9002).cost_micros == 15
    assert quota_use.differences(world.tx) == ()


def test_an_interaction_makes_one_draft(world: World) -> None:
    """One that comes twice pays once."""
    begin(world)
    with pytest.raises(DraftClosed) as caught:
        begin(world)
    assert caught.value.end is DraftEnd.WRITING
    assert len(entries(world)) == 1


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (DraftState.OPEN, DraftEnd.OPEN),
        (DraftState.USED, DraftEnd.USED),
        (DraftState.DROPPED, DraftEnd.DROPPED),
        (DraftState.FAILED, DraftEnd.GONE),
    ],
)
def test_an_interaction_that_comes_again_is_told_what_became_of_its_draft(
    world: World, state: DraftState, end: DraftEnd
) -> None:
    """Its card stands there; nothing is being rewritten any more."""
    draft = rewritten(world)
    world.tx.execute("UPDATE draft SET state = ? WHERE id = ?", (state, draft.id))
    with pytest.raises(DraftClosed) as caught:
        begin(world)
    assert caught.value.end is end


def test_a_draft_is_used_with_its_request_or_not_at_all(world: World) -> None:
    """What is refused leaves it open; what is used is used up."""
    draft = rewritten(world)
    set_value(world, "waiting_per_member", 1)
    world.submit()
    used = {"draft_id": draft.id, "price": a_price, "now_us": world.now_us}
    with pytest.raises(QueueFull):
        world.run(rows.use, a_request(), an_origin(interaction=5), **used)
    assert rows.select_draft(world.tx, draft.id).state is DraftState.OPEN
    set_value(world, "waiting_per_member", 9)
    world.run(rows.use, a_request(), an_origin(interaction=5), **used)
    with pytest.raises(DraftClosed) as caught:
        world.run(rows.use, a_request(), an_origin(interaction=6), **used)
    assert caught.value.end is DraftEnd.USED
    assert world.count("job") == 2


@pytest.mark.parametrize("state", [DraftState.USED, DraftState.DROPPED])
def test_what_is_used_or_dropped_keeps_no_words(world: World, state: DraftState) -> None:
    """They go with the picture when that is deleted."""
    draft, other = rewritten(world), rewritten(world, 9002)
    if state is DraftState.USED:
        used = {"draft_id": draft.id, "price": a_price, "now_us": world.now_us}
        world.run(rows.use, a_request(), an_origin(interaction=5), **used)
    else:
        world.run(rows.drop, draft.id, ME)
    kept = rows.select_draft(world.tx, draft.id)
    assert (kept.state, kept.rewritten) == (state, None)
    assert (kept.typed.prompt, kept.typed.negative) == ("", "")
    assert rows.select_draft(world.tx, other.id) == other


def test_a_failed_rewriting_keeps_no_words(world: World) -> None:
    """Nobody can come back to it."""
    draft = begin(world)
    world.run(rows.fail_rewriting, draft.id, is_uncertain=False, now_us=world.now_us)
    typed = rows.select_draft(world.tx, draft.id).typed
    assert (typed.prompt, typed.negative) == ("", "")


def test_a_draft_of_a_change_has_the_changed_picture_as_its_parent(world: World) -> None:
    """However many presses lie between."""
    parent = world.submit().job
    origin = replace(an_origin(interaction=4), parent_id=parent.id)
    draft = world.run(rows.keep, TYPED, origin, now_us=world.now_us)
    used = {"draft_id": draft.id, "price": a_price, "now_us": world.now_us}
    submitted = world.run(rows.use, a_request(), an_origin(interaction=5), **used)
    assert submitted.job.origin.parent_id == parent.id


def test_rewriting_uses_up_a_limit_of_money_and_none_of_pictures(world: World) -> None:
    """So whoever only rewrites is stopped as well."""
    set_value(world, "member_pictures_per_day", 1)
    for interaction in (1, 2, 3):
        rewritten(world, interaction)
    set_value(world, "member_micros_per_day", 15_000 + 3 * 95)
    with pytest.raises(QuotaUsedUp):
        begin(world, 4)
    world.submit()


def test_where_no_rewriting_is_allowed_none_is_paid(world: World) -> None:
    set_value(world, "rewriting_allowed", False)
    with pytest.raises(RewritingOff):
        begin(world)
    assert entries(world) == []


def test_after_a_crash_the_rewriting_is_uncertain_and_nothing_hangs(world: World) -> None:
    """Its answer is heard by nobody; a late one changes nothing."""
    draft = begin(world)
    assert world.run(rows.end_interrupted, now_us=world.now_us) == 1
    assert world.run(rows.end_interrupted, now_us=world.now_us) == 0
    assert entries(world) == [(draft.id, "reserved"), (draft.id, "uncertain")]
    late = {"input_tokens": 1, "output_tokens": 1, "now_us": world.now_us}
    with pytest.raises(DraftClosed) as caught:
        world.run(rows.record_rewriting, draft.id, "a red cat", **late)
    assert caught.value.end is DraftEnd.GONE
    world.run(rows.fail_rewriting, draft.id, is_uncertain=False, now_us=world.now_us)
    assert len(entries(world)) == 2
    assert quota_use.differences(world.tx) == ()


def test_a_member_takes_their_drafts_along(world: World) -> None:
    """In a file, and when they are forgotten; what is out stays reserved, as nobody's."""
    kept, writing = rewritten(world), begin(world, 9002)
    told = kept_of(world.tx, ME)["drafts"]
    assert [(one["id"], one["rewritten"]) for one in told] == [
        (kept.id, "a red cat"),
        (writing.id, None),
    ]
    world.run(forget, ME, now_us=world.now_us)
    assert world.count("draft") == 0
    assert (writing.id, "uncertain") in entries(world)
    assert world.tx.execute("SELECT DISTINCT user_id FROM ledger").fetchall() == [(0,)]


@pytest.mark.parametrize("is_folded", [False, True])
def test_who_only_had_prompts_rewritten_outside_of_guilds_is_in_no_row_once_forgotten(
    world: World, *, is_folded: bool
) -> None:
    """They have never been in the queue; what it cost stays, as nobody's."""
    world.open_outside()
    limit(world, Level.PERSON, 50)
    limit(world, Level.MEMBER, 50)
    alone = replace(an_origin(user=ADA), guild_id=None, channel_id=ChannelId(654_321))
    writing = begin(world, of=replace(alone, interaction_id=InteractionId(9002)))
    finished = rewritten(world, of=alone)
    world.run(rows.drop, finished.id, ADA)
    if is_folded:
        world.run(ledger.fold, before_us=world.now_us + 1)
        assert "ledger_day.tenant_id" in naming(world, ADA)
    before = cost_and_reserved(world)
    assert writing.tenant_id == TenantId(ADA)
    world.run(forget, ADA, now_us=world.now_us)
    assert naming(world, ADA) == naming(world, 654_321) == []
    assert cost_and_reserved(world) == before
    assert world.differences() == []
    assert quota_use.differences(world.tx) == ()


def test_a_guild_that_is_forgotten_takes_what_was_rewritten_there_from_its_members_limits(
    world: World,
) -> None:
    """Also of those who never asked for a picture: the ledger has it as nobody's."""
    limit(world, Level.PERSON, 50)
    origin = an_origin(guild=901, user=ADA)
    rewritten(world, of=origin)
    world.run(forget_guild, GuildId(901), now_us=world.now_us)
    assert quota_use.differences(world.tx) == ()


def cost_and_reserved(world: World) -> tuple[int, ...]:
    sums = "coalesce(sum(reserved_micros), 0), coalesce(sum(cost_micros), 0)"
    parts = [world.tx.execute(f"SELECT {sums} FROM {one}").fetchone() for one in SUMMED]
    return tuple(map(sum, zip(*parts, strict=True)))


async def test_drafts_of_long_ago_are_deleted(tmp_path: Path) -> None:
    """By the round of a day; what they have cost stays in the ledger."""
    clock = ManualClock()
    async with Database.open(f"sqlite:///{tmp_path}/a.db") as database:
        housekeeping = Housekeeping(
            database=database, words=WordCheck(database=database), clock=clock
        )
        await database.write(rows.keep, TYPED, an_origin(interaction=1), now_us=clock.now_us())
        clock.advance(DRAFT_DAYS * DAY_S - 1)
        await database.write(rows.keep, TYPED, an_origin(interaction=2), now_us=clock.now_us())
        await housekeeping.tidy()
        clock.advance(2)
        await housekeeping.tidy()
        with pytest.raises(DraftClosed):
            await database.read(rows.select_draft, JobId(1))
        assert (await database.read(rows.select_draft, JobId(2))).state is DraftState.OPEN
