"""Who may do what in moderation, one row a role: the real bot over real sockets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.cogs.playing import is_private, words
from tests.journeys.reviewing import guild_id, review_everything, waiting
from tests.journeys.test_hands import Hands
from tests.journeys.test_imagine import SMALL
from tests.journeys.test_reports_and_people import (
    LOCAL,
    MANAGE_MESSAGES,
    MEMBER,
    MODERATE_MEMBERS,
    MODERATOR,
    OWNER,
    REPORTER,
    STAFF,
    UNKNOWN,
    Guild,
    files,
    put,
)

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

NOT_OFFERED = "not offered"  # Discord shows the commands to whoever may manage messages
NOT_MANAGER = "Only whoever may manage this server"
WORDS = "Word rules"
EVERYTHING = ("review", "report")
SHOWN, HELD = "shown", "held"


@dataclass(frozen=True, slots=True)
class Role:
    """What one of them gets, by the act."""

    member: int
    paints: str = HELD
    lists: tuple[str, ...] | str = NOT_OFFERED
    reads_log: str = NOT_OFFERED
    sees_member: str = NOT_OFFERED
    opens_words: str = NOT_OFFERED
    approves: str = UNKNOWN
    dismisses: str = UNKNOWN


APPROVED, DISMISSED = "Decided: approved", "Decided: dismissed"
PLACE_ALONE = "of this channel alone"
ROLES = {
    "requester": Role(MEMBER),
    "trusted member": Role(REPORTER, paints=SHOWN),
    "reporter": Role(REPORTER),
    "plain member": Role(LOCAL),
    "moderator of one channel": Role(
        LOCAL,
        lists=EVERYTHING,
        reads_log="about this place alone",
        sees_member=PLACE_ALONE,
        opens_words=NOT_MANAGER,
    ),
    "moderator": Role(
        MODERATOR,
        lists=EVERYTHING,
        reads_log="Picture reported",
        sees_member="zeuxis:2:person:block:",
        opens_words=NOT_MANAGER,
        approves=APPROVED,
        dismisses=DISMISSED,
    ),
    "whoever manages the server": Role(
        OWNER,
        lists=EVERYTHING,
        reads_log="Picture reported",
        sees_member="zeuxis:2:person:block:",
        opens_words=WORDS,
        approves=APPROVED,
        dismisses=DISMISSED,
    ),
}


@pytest.fixture
async def guild(stage: Stage) -> Guild:
    """With a reported picture and one that is held, both of one member."""
    put(stage, "staff_channel", int(stage.control.channel(STAFF)))
    (picture,) = await stage.pictures(await stage.imagine("a cat", size=SMALL, seed=7))
    made = Guild(stage, Hands(stage, picture))
    await made.report()
    await made.card()
    review_everything(stage)
    await stage.imagine("a pear", size=SMALL)
    await made.card("🔎")
    return made


async def given(guild: Guild, name: str) -> None:
    """Rights, or trust, that whoever plays this role has."""
    if name == "moderator of one channel":
        await guild.moderate(LOCAL, "pictures")
    if name == "moderator":
        role = guild.stage.control.role("Moderator")
        path = f"/guilds/{guild.stage.control.guild['id']}/roles/{role}"
        rights = {"permissions": str(MANAGE_MESSAGES | MODERATE_MEMBERS)}
        answer = await guild.stage.control.call("PATCH", path, rights)
        assert answer.status == 200, answer.body
    if name == "trusted member":
        desk = await guild.see(OWNER, REPORTER)
        user_id = guild.stage.control.member(REPORTER)
        await guild.act("component", desk, f"zeuxis:2:person:trust:{user_id}", OWNER)


async def used(guild: Guild, name: str, member: int, **act: Any) -> str:
    """All that a command has shown to them, or that Discord does not offer it to them."""
    started = await guild.stage.control.act("command", name=name, member=member, **act)
    if "interaction_id" not in started:
        assert "Missing Permissions" in str(started)
        return NOT_OFFERED
    (message,) = (await guild.stage.control.settled(started))["messages"]
    assert is_private(message)
    return f"{words(message)}\n{message['components']}"


async def desk_of(guild: Guild, role: Role) -> dict[str, str]:
    """What each command shows them, where they moderate."""
    where = {"channel": "pictures"}
    about = {"options": {"user": guild.stage.control.member(MEMBER)}}
    return {
        "queue": await used(guild, "moderation queue", role.member, **where),
        "log": await used(guild, "moderation log", role.member, channel=where_of(role)),
        "member": await used(
            guild, "moderation member", role.member, channel=where_of(role), **about
        ),
        "words": await used(guild, "moderation words", role.member, **where),
    }


def where_of(role: Role) -> str:
    """Whoever moderates the server does it before the staff's cards."""
    return STAFF if role.approves == APPROVED else "pictures"


@pytest.mark.parametrize("name", list(ROLES))
async def test_each_role_does_what_it_may_and_is_refused_the_rest(guild: Guild, name: str) -> None:
    """The cards are pressed last: they hang before the eyes of all roles here."""
    role = ROLES[name]
    await given(guild, name)
    shown = await desk_of(guild, role)
    listed = (role.lists,) if isinstance(role.lists, str) else role.lists
    for said in listed:
        assert said in shown["queue"]
    assert role.reads_log in shown["log"]
    assert role.sees_member in shown["member"]
    assert role.opens_words in shown["words"]
    assert await paints(guild, role.member) == role.paints
    report, review, *_ = waiting(guild.stage)
    assert (report.kind, review.kind) == ("report", "review")
    assert role.approves in await guild.decide(
        await card_of(guild, "a pear"), "approve", role.member
    )
    assert role.dismisses in await guild.decide(await guild.card(), "dismiss", role.member)
    still = {one.id for one in waiting(guild.stage)} & {review.id, report.id}
    assert still == (set() if role.approves == APPROVED else {review.id, report.id})


async def card_of(guild: Guild, prompt: str) -> Any:
    found = await guild.stage.control.messages(STAFF)
    return next(one for one in found if prompt in words(one))


async def paints(guild: Guild, member: int) -> str:
    """What becomes of a wish of theirs."""
    prompt = "a plum"
    await guild.stage.imagine(prompt, size=SMALL, member=member)
    await guild.stage.until(lambda: prompt in guild.raw(STAFF) or len(files(guild.stage)) == 2)
    return SHOWN if len(files(guild.stage)) == 2 else HELD


async def test_whoever_manages_another_guild_sees_nothing_of_this_one(guild: Guild) -> None:
    (_, harbour, *_) = guild.stage.control.addresses["guilds"]
    here = {
        "guild_id": harbour["id"],
        "channel_id": harbour["channels"][0]["id"],
        "user_id": guild.stage.sandbox.state.guilds[harbour["id"]].owner_id,
    }
    about = {"options": {"user": guild.stage.control.member(MEMBER)}}
    queue = await used(guild, "moderation queue", MEMBER, **here)
    log = await used(guild, "moderation log", MEMBER, **here)
    member = await used(guild, "moderation member", MEMBER, **here, **about)
    assert "Nothing waits" in queue
    assert "no such entry" in log
    assert "No cases." in member
    assert "a pear" not in queue + log + member
    assert str(guild_id(guild.stage)) not in queue + log + member
