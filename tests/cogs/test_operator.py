"""/operator, in a conversation with the bot, and nowhere else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.policy.rows import Asking
from bot.policy.rules import VALUES, Scope
from bot.policy.standing import StandingKind
from cogs.operator import owners_of
from tests.cogs.playing import eventually, is_private, words

if TYPE_CHECKING:
    from bot.features.guilds.service import GuildService
    from bot.features.moderation.people import PeopleService
    from bot.features.settings.service import SettingsService
    from tests.cogs.playing import Scene


class Operator:
    """Writes to the bot alone."""

    def __init__(self, scene: Scene, user_id: str) -> None:
        self._scene = scene
        self.user_id = user_id

    async def act(self, kind: str, name: str, /, **options: Any) -> Any:
        here: dict[str, Any] = {"guild_id": None, "channel_id": None, "user_id": self.user_id}
        return await self._scene.control.act(kind, name=f"operator {name}", options=options, **here)

    async def says(self, name: str, /, **options: Any) -> str:
        """What the bot answers, which is for them alone."""
        started = await self.act("command", name, **options)
        await self._scene.acknowledged(started)
        (answer,) = (await self._scene.seen(started))["messages"]
        assert is_private(answer)
        return words(answer)

    async def offered(self, **options: Any) -> list[str]:
        answered = await self.act("autocomplete", "limit", **options)
        return [one["value"] for one in answered["choices"]]


@pytest.fixture
def operator(scene: Scene) -> Operator:
    """The owner of the application."""
    return Operator(scene, scene.sandbox.state.application.owner_id)


@pytest.fixture
def stranger(scene: Scene) -> Operator:
    """Owns a guild, and not the bot."""
    return Operator(scene, scene.control.member(4))


async def test_a_guild_is_blocked_and_allowed(
    scene: Scene, operator: Operator, settings: SettingsService
) -> None:
    """From the next request on; the answer tells what was changed."""
    guild_id = int(scene.control.guild["id"])
    said = await operator.says("block", guild=f" {guild_id} ")
    assert f"guild {guild_id} is_allowed` – → `false`" in said
    assert f"<@{operator.user_id}>" in said
    assert not (await settings.view(Asking(guild_id))).policy.is_allowed
    refused = await scene.command("imagine", options={"prompt": "a cat"})
    assert "has not opened it for this server" in words(refused["messages"][0])
    assert "`false` → `true`" in await operator.says("allow", guild=str(guild_id))
    assert (await settings.view(Asking(guild_id))).policy.is_allowed
    assert await operator.says("allow", guild=str(guild_id)) == (
        "### 📜 What was changed\nIt was so already."
    )


async def test_a_limit_is_set_logged_and_taken_back(
    scene: Scene, operator: Operator, settings: SettingsService
) -> None:
    """For one guild or for all; without a value it is as if never set."""
    guild_id = scene.control.guild["id"]
    await operator.says("limit", name="member_pictures_per_day", value="3")
    await operator.says("limit", name="guild_pictures_per_day", value="7", guild=guild_id)
    policy = (await settings.view(Asking(int(guild_id)))).policy
    assert sorted(one.amount for one in policy.quotas) == [3, 7]
    log = await operator.says("log")
    assert log.index("guild_pictures_per_day") < log.index("operator member_pictures_per_day")
    assert "`7` → –" in await operator.says("undo")
    assert "`3` → –" in await operator.says("limit", name="member_pictures_per_day")
    assert not (await settings.view(Asking(int(guild_id)))).policy.quotas
    (entry, *_) = await settings.log(0)
    assert (entry.actor, entry.source) == (operator.user_id, "discord")


async def test_guilds_are_listed_with_their_cost(
    scene: Scene, operator: Operator, guilds: GuildService
) -> None:
    """By id and name, whether they may use it."""

    async def are_noted() -> bool:
        return len(await guilds.costs()) == 2

    await eventually(are_noted)
    ids = [one["id"] for one in scene.control.addresses["guilds"]]
    await operator.says("block", guild=ids[0])
    said = await operator.says("guilds")
    assert f"⛔ `{ids[0]}` Orchard · 0 pictures · $0.00" in said
    assert f"✅ `{ids[1]}` Harbour · 0 pictures · $0.00" in said


async def test_names_are_offered_where_they_can_be_set(scene: Scene, operator: Operator) -> None:
    """Of one guild those of a guild; never more than Discord takes."""
    assert len(await operator.offered()) == 25
    assert await operator.offered(name="person_micros_per_M") == ["person_micros_per_month"]
    assert await operator.offered(name="person", guild=scene.control.guild["id"]) == []
    assert "guild_pictures_per_day" in await operator.offered(
        name="guild_p", guild=scene.control.guild["id"]
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"name": "member_pictures_per_day", "value": "lots"}, "a whole number"),
        ({"name": "member_pictures_per_day", "value": "-2"}, "a whole number"),
        ({"name": "member_picture", "value": "1"}, "a known name"),
        ({"name": "channels", "value": "1"}, "a value of: staff"),
        ({"name": "time_zone", "value": "UTC", "guild": "123"}, "a value of: operator"),
        ({"name": "cooldown_s", "value": "1", "guild": "home"}, "the id of a server"),
        ({"name": "cooldown_s", "value": "1", "guild": "9" * 19}, "the id of a server"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    operator: Operator, settings: SettingsService, options: dict[str, str], expected: str
) -> None:
    """With what was expected; nothing is changed."""
    assert expected in await operator.says("limit", **options)
    assert await settings.log(0) == ()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("guilds", {}),
        ("allow", {"guild": "123"}),
        ("block", {"guild": "123"}),
        ("block", {"guild": "no id"}),
        ("limit", {"name": "cooldown_s", "value": "1"}),
        ("log", {}),
        ("undo", {}),
    ],
)
async def test_whoever_else_is_refused(
    stranger: Operator, settings: SettingsService, name: str, options: dict[str, str]
) -> None:
    """Whatever they call, and nothing is offered to them."""
    assert await stranger.says(name, **options) == "That is for whoever runs this bot alone."
    assert await stranger.offered() == []
    assert await settings.log(0) == ()


async def test_no_guild_sees_the_command(scene: Scene) -> None:
    """Discord's client does not offer it there, to its operator neither."""
    for member in range(5):
        refused = await scene.control.try_act("command", name="operator guilds", member=member)
        assert refused.status == 404


def member(user_id: int, **others: Any) -> Any:
    accepted = discord.TeamMembershipState.accepted
    fine = {"id": user_id, "membership_state": accepted, "role": discord.TeamMemberRole.admin}
    return SimpleNamespace(**{**fine, **others})


def test_a_team_s_members_are_operators_if_they_may_change_the_application() -> None:
    """Not those who may only look, nor those who were asked and have not come."""
    team = SimpleNamespace(
        members=[
            member(1),
            member(2, role=discord.TeamMemberRole.developer),
            member(3, role=discord.TeamMemberRole.read_only),
            member(4, membership_state=discord.TeamMembershipState.invited),
        ]
    )
    owner: Any = SimpleNamespace(team=team, owner=SimpleNamespace(id=9))
    assert owners_of(owner) == {1, 2}
    owner.team = None
    assert owners_of(owner) == {9}
    assert owners_of(None) == frozenset()


def test_each_value_of_the_operator_can_be_found() -> None:
    """25 are offered at once: typing a part of the name narrows that down."""
    names = [one for one, rule in VALUES.items() if Scope.OPERATOR in rule.scopes]
    for name in names:
        assert [one for one in names if name in one].index(name) < 25


async def test_a_person_is_blocked_in_all_servers(
    scene: Scene, operator: Operator, people: PeopleService
) -> None:
    """With a reason and an end; the answer lists all that is set."""
    assert await operator.says("person") == "Nothing is set for anybody."
    user = scene.control.member(0)
    said = await operator.says("person", act="block", user=user, lasts="7d", reason="spam")
    assert f"<@{user}> `{user}` · **Blocked from painting** · whoever runs this bot" in said
    assert "ends <t:" in said
    assert said.endswith(": spam")
    refused = await scene.command("imagine", options={"prompt": "a cat"})
    assert "Whoever runs this bot does not let you ask for pictures." in words(
        refused["messages"][0]
    )
    assert await operator.says("person", act="unblock", user=user) == "Nothing is set for anybody."
    await operator.says("person", act="trust", user=user)
    (held,) = await people.everywhere()
    assert held.kind is StandingKind.TRUSTED
    await operator.says("person", act="untrust", user=user)
    assert await people.everywhere() == ()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"act": "block"}, "the id of a person"),
        ({"act": "block", "user": "ada"}, "the id of a person"),
        ({"act": "block", "user": "123", "lasts": "soon"}, "I do not understand"),
    ],
)
async def test_nobody_is_blocked_by_what_makes_no_sense(
    operator: Operator, people: PeopleService, options: dict[str, str], expected: str
) -> None:
    assert expected in await operator.says("person", **options)
    assert await people.everywhere() == ()


async def test_a_stranger_blocks_nobody(stranger: Operator, people: PeopleService) -> None:
    said = await stranger.says("person", act="block", user="123")
    assert "Blocked" not in said
    assert await people.everywhere() == ()
