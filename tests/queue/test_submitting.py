"""What a submit refuses: the time it would take, and what operator and staff do not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.policy.rows import set_policy
from bot.policy.rules import OPERATORS_OWN, Key, Scope
from bot.providers.image import Size
from bot.queue import views
from bot.queue.breaker import Breaker
from bot.queue.records import RoleId, Surface, TenantId, UserId
from bot.queue.submit import LAST_STEPS_S
from bot.records import replace
from bot.refusals import (
    GuildNotAllowed,
    Outage,
    OutsideNotAllowed,
    PlaceNotAllowed,
    ProviderDown,
    RewritingOff,
    RoleNotAllowed,
    SizeOverLimit,
    TokenTooShort,
    WaitTooLong,
)
from tests.queue.world import a_price, a_request, an_origin

if TYPE_CHECKING:
    from bot.policy.rules import Value
    from bot.queue.records import Job
    from tests.queue.world import World


def is_refused(world: World, user: int) -> bool:
    try:
        world.submit(user=user)
    except WaitTooLong:
        return True
    return False


def test_a_wait_beyond_the_limit_is_refused(world: World) -> None:
    """At two a second the limit of a minute is reached at about the hundred-and-tenth."""
    world.limit(expected_wait_s=60.0)
    refused = [is_refused(world, user) for user in range(1, 201)]
    assert refused.index(True) == pytest.approx(110, abs=15)
    assert refused.count(False) == pytest.approx(110, abs=25)
    assert world.differences() == []


def test_a_drawing_that_takes_longer_than_the_limit_is_refused_at_once(world: World) -> None:
    """Also when nothing waits."""
    world.limit(expected_wait_s=3.0)
    with pytest.raises(WaitTooLong):
        world.submit()


# ------------------------------------------------------------------------------------------------
# What operator and staff allow.


@pytest.mark.parametrize(
    ("name", "value", "error", "refused", "taken"),
    [
        ("is_allowed", False, GuildNotAllowed, {}, {"guild": 2}),
        ("channels", (11,), PlaceNotAllowed, {}, {"channel_id": 11}),
        ("channels", (11,), PlaceNotAllowed, {}, {"channel_id": 12, "parent_channel_id": 11}),
        ("roles", (5, 6), RoleNotAllowed, {"roles": (7,)}, {"roles": (6, 7)}),
        ("largest_area_px", 512 * 512, SizeOverLimit, {"side": 520}, {"side": 512}),
        ("rewriting_allowed", False, RewritingOff, {"rewrite": True}, {"rewrite": False}),
    ],
)
def test_what_is_not_allowed_in_a_guild_is_refused_there_alone(
    world: World,
    name: str,
    value: Value,
    error: type[Exception],
    refused: dict[str, Any],
    taken: dict[str, Any],
) -> None:
    tenant = OPERATORS_OWN if name == "is_allowed" else 1
    world.run(set_policy, Key(Scope.GUILD, 1, name, tenant), value, by="staff", now_us=1)
    with pytest.raises(error):
        ask_in(world, **refused)
    ask_in(world, **taken)
    ask_in(world, guild=2, **refused)


def ask_in(
    world: World,
    *,
    guild: int = 1,
    roles: tuple[int, ...] = (),
    side: int = 512,
    rewrite: bool = False,
    **origin: Any,
) -> None:
    world.run(
        queue.submit,
        a_request(size=Size(side, side), rewrite=rewrite),
        replace(an_origin(guild), **origin),
        price=a_price,
        role_ids=[RoleId(one) for one in roles],
        now_us=world.now_us,
    )


# ------------------------------------------------------------------------------------------------
# Outside of guilds: off, unless the operator says so; and in time, where a token answers alone.


ADA, BEN = UserId(11), UserId(12)


def ask(world: World, user: UserId = ADA, **origin: Any) -> Job:
    """Outside of guilds, by a new interaction."""
    asked = replace(an_origin(user=user), guild_id=None, **origin)
    return world.run(queue.submit, a_request(), asked, price=a_price, now_us=world.now_us).job


def by_token(world: World, lives_s: float = 900) -> dict[str, Any]:
    return {
        "surface": Surface.INTERACTION,
        "interaction_token": "token",
        "interaction_expires_at_us": world.now_us + round(lives_s * 1e6),
    }


def let(
    world: World,
    value: bool,
    scope: Scope = Scope.OPERATOR,
    scope_id: int = 0,
    name: str = "outside_guilds",
) -> None:
    key = Key(scope, scope_id, name)
    world.run(set_policy, key, value, by="operator", now_us=1)


def test_outside_of_guilds_nobody_may_ask_unless_the_operator_says_so(world: World) -> None:
    with pytest.raises(OutsideNotAllowed):
        ask(world)
    let(world, True, Scope.PERSON, ADA)
    assert ask(world).origin.tenant_id == TenantId(ADA)
    with pytest.raises(OutsideNotAllowed):
        ask(world, BEN)
    let(world, True)
    ask(world, BEN)
    let(world, False, Scope.PERSON, BEN)
    with pytest.raises(OutsideNotAllowed):
        ask(world, BEN)


def test_where_guilds_are_named_only_persons_who_are_named_ask_outside(world: World) -> None:
    """Strangers spend nothing there either."""
    let(world, True)
    let(world, False, name="is_allowed")
    with pytest.raises(OutsideNotAllowed):
        ask(world, BEN)
    let(world, True, Scope.PERSON, ADA)
    ask(world)


def test_what_would_come_after_the_tokens_death_is_refused_for_nothing(world: World) -> None:
    """A minute of its life is kept for the last steps; in a guild the same wait is no matter."""
    world.open_outside()
    world.limit(waiting_per_member=10_000, waiting_per_guild=10_000, expected_wait_s=1e6)
    for _ in range(300):
        world.submit(guild=1, user=1)
    ask(world, **by_token(world))
    with pytest.raises(TokenTooShort) as refused:
        ask(world, **by_token(world, lives_s=62))
    assert refused.value.left_s == pytest.approx(2.0)
    ask(world, interaction_expires_at_us=world.now_us + 1)
    assert world.differences() == []


def test_of_several_pictures_the_last_must_be_in_time(world: World) -> None:
    world.open_outside()
    for user in range(100, 220):
        world.submit(guild=user, user=user)
    place = world.run(views.place, ask(world, BEN, **by_token(world)).id, now_us=world.now_us)
    lives_s = LAST_STEPS_S + place.expected_s * 1.5
    for more, is_refused in ((0, False), (3, True)):
        origin = replace(an_origin(user=ADA), guild_id=None, **by_token(world, lives_s))
        try:
            world.run(
                queue.submit,
                a_request(),
                origin,
                more=[a_request()] * more,
                price=a_price,
                now_us=world.now_us,
            )
        except TokenTooShort:
            assert is_refused
        else:
            assert not is_refused


def test_in_an_outage_nothing_is_promised_to_a_token(world: World) -> None:
    """Nobody knows how long it lasts."""
    world.open_outside()
    world.set_breaker(Breaker(outage=Outage.UNREACHABLE, probe_at_us=world.now_us + 1_000_000))
    with pytest.raises(ProviderDown):
        ask(world, **by_token(world))
    ask(world)


def test_a_token_reaches_until_it_dies_and_a_message_of_our_own_for_ever() -> None:
    by_token = replace(
        an_origin(),
        surface=Surface.INTERACTION,
        interaction_token="secret",
        interaction_expires_at_us=5,
    )
    assert [by_token.can_be_answered(now_us) for now_us in (4, 5)] == [True, False]
    assert not replace(by_token, interaction_token=None).can_be_answered(4)
    assert an_origin().can_be_answered(10**18)
