"""A person who asks outside of guilds takes turns as a guild does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import queue
from bot.queue import ledger, postings, views
from bot.queue.jobs import select_job
from bot.queue.records import GuildId, TenantId, UserId, tenant_of
from bot.records import replace
from bot.texts.picture_cards import status_card, status_texts
from tests.queue.world import a_price, a_request, an_origin
from tests.texts.records import components_of

if TYPE_CHECKING:
    from bot.queue.places import Waiting
    from bot.queue.records import Job
    from tests.queue.world import World

PERSON = UserId(77)


def asked_alone(world: World, user: UserId = PERSON) -> Job:
    """In a direct message, or by an install of their own."""
    world.open_outside()
    origin = replace(an_origin(user=user), guild_id=None)
    return world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us).job


def test_a_guild_is_the_tenant_of_its_members_and_a_person_alone_their_own() -> None:
    """Whose turn it takes."""
    assert tenant_of(GuildId(5), PERSON) == TenantId(5)
    assert tenant_of(None, PERSON) == TenantId(PERSON)


def test_a_person_alone_waits_behind_no_guilds_backlog(world: World) -> None:
    """Nor does their own backlog delay a guild by more than a turn."""
    for _ in range(5):
        world.submit(guild=1)
    first, second = asked_alone(world), asked_alone(world)
    order = [job.id for job in world.order(4)]
    assert order.index(first.id) <= 1
    assert order.index(second.id) <= 3
    assert select_job(world.tx, first.id).origin.guild_id is None


def test_what_they_asked_in_a_guild_is_not_counted_to_them_alone(world: World) -> None:
    """Queue and ledger are kept by tenant and member."""
    world.submit(guild=1, user=PERSON)
    world.drawn()
    asked_alone(world)
    world.drawn()
    for tenant in (TenantId(1), TenantId(PERSON)):
        used = ledger.usage_view(world.tx, tenant, PERSON, now_us=world.now_us)
        assert used.all_time.images == 1
    waiting = asked_alone(world)
    assert [one.job.id for one in mine(world, TenantId(PERSON))] == [waiting.id]
    assert mine(world, TenantId(1)) == ()


def mine(world: World, tenant: TenantId) -> tuple[Waiting, ...]:
    return views.queue_view(world.tx, tenant, PERSON, now_us=world.now_us).mine


def test_their_picture_is_delivered_and_linked_outside_of_guilds(world: World) -> None:
    """Discord calls such a place `@me`."""
    asked_alone(world)
    job = world.drawn()
    assert [one.id for one in postings.deliverable(world.tx, now_us=world.now_us, limit=9)] == [
        job.id
    ]
    world.run(postings.record_result_message, job.id, job.origin.channel_id, 9)
    world.run(postings.mark_delivered, job.id, now_us=world.now_us)
    shown = select_job(world.tx, job.id)
    card = status_card(shown, None, status_texts(shown))
    assert f"https://discord.com/channels/@me/{job.origin.channel_id}/9" in str(components_of(card))


def test_closing_a_guild_leaves_them_alone(world: World) -> None:
    """The same number never means both; rows without a guild are nobody's guild."""
    alone = asked_alone(world, UserId(1))
    world.submit(guild=1, user=2)
    ended = world.run(queue.close_guild, GuildId(1), now_us=world.now_us)
    assert alone.id not in [job.id for job in ended]
    assert len(ended) == 1
