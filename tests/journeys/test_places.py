"""The same bot in every kind of place that Discord has, over real sockets."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from sandbox.demo.seen import buttons
from tests.elsewhere import enter_foreign_guild, install, open_private
from tests.journeys.test_imagine import SMALL, custom_id, hand, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.journeys.stage import Stage


class Where(NamedTuple):
    """In which guild a member acts, if in any, and in which channel."""

    guild_id: str | None
    channel: str | None

    async def act(self, stage: Stage, kind: str, member: int = 0, **act: Any) -> Any:
        """Returns what became of it, once it has settled."""
        return await stage.control.settled(await self.start(stage, kind, member, **act), 30)

    async def start(self, stage: Stage, kind: str, member: int = 0, **act: Any) -> Any:
        """Returns at once."""
        at: dict[str, Any] = {"channel_id": None} if self.channel is None else {}
        if self.channel is not None:
            at = {"channel": self.channel}
        at |= {"guild_id": self.guild_id, "wait_online_s": 0}
        started = await stage.control.act(kind, member=member, **at, **act)
        assert "interaction_id" in started, started
        return started

    async def imagine(self, stage: Stage, prompt: str = "a cat", **options: Any) -> Any:
        return await stage.control.settled(await self.ask(stage, prompt, **options), 30)

    async def ask(self, stage: Stage, prompt: str = "a cat", member: int = 0, **more: Any) -> Any:
        """Returns at once."""
        asked = {"prompt": prompt, "rewrite": "off", "size": SMALL, **more}
        return await self.start(stage, "command", member, name="imagine", options=asked)

    async def press(self, stage: Stage, message: Any, verb: str, member: int = 0) -> Any:
        pressed = {"message_id": message["id"], **hand(message, verb)}
        where = self._replace(channel=message["channel_id"])
        return await where.act(stage, "component", member=member, **pressed)


async def channel(stage: Stage, name: str) -> Where:
    return Where(stage.control.guild["id"], stage.control.channel(name))


async def pictures(stage: Stage) -> Where:
    return await channel(stage, "pictures")


async def announcements(stage: Stage) -> Where:
    return await channel(stage, "news")


async def voice_chat(stage: Stage) -> Where:
    return await channel(stage, "voices")


async def made(stage: Stage, **of: Any) -> Any:
    """A new channel."""
    guild_id = stage.control.guild["id"]
    answer = await stage.control.call("POST", f"/guilds/{guild_id}/channels", of)
    assert answer.status == 200, answer.body
    return answer.body


async def opened(stage: Stage, parent: str, **of: Any) -> Where:
    """A member's thread or post."""
    asked = {"user_id": stage.control.member(), "name": "mine", **of}
    answer = await stage.control.call("POST", f"/channels/{parent}/threads", asked)
    assert answer.status == 200, answer.body
    return Where(stage.control.guild["id"], str(answer.body["id"]))


async def thread(stage: Stage) -> Where:
    return await opened(stage, stage.control.channel("pictures"))


async def forum_post(stage: Stage) -> Where:
    """In a forum whose posts need a tag: that concerns whoever opens one, and we open none."""
    forum = await made(
        stage, name="forum", type=15, require_tag=True, available_tags=[{"name": "art"}]
    )
    tags = [one["id"] for one in forum["available_tags"]]
    return await opened(stage, forum["id"], content="hello", applied_tags=tags)


async def media_post(stage: Stage) -> Where:
    media = await made(stage, name="media", type=16)
    return await opened(stage, media["id"], content="hello")


async def direct(_: Stage) -> Where:
    return Where(None, None)


async def between_two(stage: Stage) -> Where:
    await install(stage.control, 0)
    return Where(None, await open_private(stage.control, 0, 1))


async def group(stage: Stage) -> Where:
    await install(stage.control, 0)
    return Where(None, await open_private(stage.control, 0, 1, 2))


async def foreign_guild(stage: Stage) -> Where:
    await install(stage.control, 0)
    return Where(*await enter_foreign_guild(stage.sandbox, stage.control, 0, 1))


OPENING_THREADS = [pictures, announcements]
IN_PLACE = [thread, forum_post, media_post, voice_chat, direct]
BY_TOKEN = [between_two, group, foreign_guild]


@pytest.fixture
async def stage(stage_with: Callable[..., Any]) -> AsyncIterator[Stage]:
    """Everybody may ask everywhere."""
    async with stage_with(bot=False) as made:
        made.environment["OUTSIDE_GUILDS"] = "any"
        await made.start_bot()
        yield made


def shown(settled: Any) -> list[Any]:
    return [one for one in settled["messages"] if one["attachments"]]


def rows(stage: Stage, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(stage.database)) as database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize("place", OPENING_THREADS)
async def test_in_a_channel_each_picture_has_its_thread(
    stage: Stage, place: Callable[[Stage], Awaitable[Where]]
) -> None:
    """Of an announcement channel's own kind there."""
    where = await place(stage)
    (picture,) = shown(await where.imagine(stage))
    kind = stage.sandbox.state.channels[picture["channel_id"]].type
    assert kind == (10 if place is announcements else 11)


@pytest.mark.parametrize("place", [*IN_PLACE, *BY_TOKEN])
async def test_elsewhere_the_answer_becomes_the_picture(
    stage: Stage, place: Callable[[Stage], Awaitable[Where]]
) -> None:
    """Ask, reroll, delete: one message each, without a follow-up; each is deleted."""
    where = await place(stage)
    settled = await where.imagine(stage, seed=7)
    (first,) = settled["messages"]
    assert first["attachments"][0]["description"]
    assert len(buttons(first)) >= 3
    (second,) = (await where.press(stage, first, "reroll"))["messages"]
    assert second["attachments"]
    assert second["id"] != first["id"]
    await where.press(stage, first, "delete")
    await where.press(stage, second, "delete")
    left = stage.sandbox.state.messages.get(first["channel_id"], {})
    assert not {first["id"], second["id"]} & set(left)
    assert stage.ledger()["billed"] == 2


async def test_in_the_chat_of_a_voice_channel_no_thread_is_asked_for(stage: Stage) -> None:
    """Discord knows none there: that would be a refused request for each picture."""
    stage.fault({"server": "discord", "kind": "hang_before", "match": "POST */messages/*/threads"})
    settled = await (await voice_chat(stage)).imagine(stage)
    assert shown(settled)
    assert not stage.fired()


@pytest.mark.parametrize("place", [thread, direct, between_two, foreign_guild])
async def test_what_waits_is_cancelled_where_it_was_asked_for(
    stage_with: Callable[..., Any], place: Callable[[Stage], Awaitable[Where]]
) -> None:
    """Nothing is drawn, nothing is billed."""
    async with stage_with(bot=False, rate=0.02) as stage:
        stage.environment |= {"OUTSIDE_GUILDS": "any"}
        await stage.start_bot()
        where = await place(stage)
        await where.imagine(stage)  # the next may be drawn in 50 s
        (status,) = (await stage.control.settled(await where.ask(stage), 3))["messages"]
        (cancelled,) = (await where.press(stage, status, "cancel"))["messages"]
        assert (cancelled["id"], buttons(cancelled)) == (status["id"], [])
        assert rows(stage, "SELECT id FROM job WHERE state = 'cancelled'")


@pytest.mark.parametrize("place", [direct, between_two, foreign_guild])
async def test_outside_of_guilds_the_person_is_the_tenant(
    stage: Stage, place: Callable[[Stage], Awaitable[Where]]
) -> None:
    """For the queue, for usage and for privacy; a guild without the bot stands in no row."""
    where = await place(stage)
    await where.imagine(stage)
    ada = int(stage.control.member())
    assert rows(stage, "SELECT tenant_id, user_id FROM ledger WHERE entry = 'settled'") == [
        (ada, ada)
    ]
    assert rows(stage, "SELECT guild_id FROM request") == [(None,)]
    answers = {}
    for name in ("queue", "usage me", "privacy export", "about", "help", "usage server"):
        (answers[name],) = (await where.act(stage, "command", name=name))["messages"]
        assert answers[name]["flags"] & 64, "for the one who asks alone"
    assert "none waiting" in text_of(answers["queue"])
    assert "This server" not in text_of(answers["queue"])
    assert "in none here" in text_of(answers["usage server"])
    assert "This server" not in text_of(answers["help"])
    assert answers["privacy export"]["attachments"]


@pytest.mark.parametrize("place", [direct, between_two, foreign_guild])
async def test_pictures_are_found_and_used_again_by_their_person(
    stage: Stage, place: Callable[[Stage], Awaitable[Where]]
) -> None:
    """By the history and by the menus of the message; nobody else finds them."""
    where = await place(stage)
    (picture,) = shown(await where.imagine(stage, "a red cat"))
    (page,) = (await where.act(stage, "command", name="history"))["messages"]
    assert page["flags"] & 64
    assert "a red cat" in text_of(page)
    assert "server" not in text_of(page)
    job = custom_id(picture, "more").rpartition(":")[2]
    chosen: dict[str, Any] = {
        "message_id": page["id"],
        "custom_id": "zeuxis:2:history-pick",
        "values": [job],
    }
    there = where._replace(channel=page["channel_id"])
    card = (await there.act(stage, "component", **chosen))["messages"][-1]
    assert "Edit" in buttons(card)
    assert ("Post again" in buttons(card)) is (place is direct), "elsewhere the bot cannot post"
    on = {"message_id": picture["id"]}
    there = where._replace(channel=picture["channel_id"])
    words = await there.act(stage, "message_command", name="Show prompt", **on)
    assert "a red cat" in text_of(words["messages"][-1])
    form = await there.act(stage, "message_command", name="Report", **on)
    assert form["modal"]["custom_id"] == f"zeuxis:2:report:{job}"
    again = await there.act(stage, "message_command", name="Reimagine", **on)
    assert len(shown(again)) == 1
    (of_ben,) = (await Where(None, None).act(stage, "command", 1, name="history"))["messages"]
    assert "a red cat" not in text_of(of_ben)


async def test_in_a_direct_message_a_picture_is_posted_again_and_all_of_it_deleted(
    stage: Stage,
) -> None:
    where = await direct(stage)
    (picture,) = shown(await where.imagine(stage, "a red cat"))
    (page,) = (await where.act(stage, "command", name="history"))["messages"]
    job = custom_id(picture, "more").rpartition(":")[2]
    there = where._replace(channel=page["channel_id"])
    pick: dict[str, Any] = {
        "message_id": page["id"],
        "custom_id": "zeuxis:2:history-pick",
        "values": [job],
    }
    card = (await there.act(stage, "component", **pick))["messages"][-1]
    await there.press(stage, card, "repost")
    hanging = stage.sandbox.state.messages[picture["channel_id"]]
    copies = [one for one in hanging.values() if one.attachments and one.id != picture["id"]]
    assert len(copies) == 1
    more = custom_id(picture, "more")
    deleting: dict[str, Any] = {"message_id": copies[0].id, "custom_id": more, "values": ["delete"]}
    await there.act(stage, "component", **deleting)
    await stage.until(lambda: not {copies[0].id, picture["id"]} & set(hanging))


async def test_nobody_asks_outside_of_guilds_unless_the_operator_lets_them(
    stage_with: Callable[..., Any],
) -> None:
    """Off by default, or for those who are named; refused for them alone, and for nothing."""
    async with stage_with(bot=False) as stage:
        stage.environment["OUTSIDE_GUILDS"] = stage.control.member(0)
        await stage.start_bot()
        await install(stage.control, 0, 1)
        private = Where(None, await open_private(stage.control, 0, 1))
        for where in (Where(None, None), private):
            assert shown(await where.imagine(stage))
            started = await where.ask(stage, member=1)
            (refused,) = (await stage.control.settled(started))["messages"]
            assert "has not opened it for you" in text_of(refused)
            assert refused["flags"] & 64
        assert stage.ledger()["billed"] == 2


async def test_outside_of_guilds_no_answer_speaks_of_staff(stage: Stage) -> None:
    """There is none."""
    place = await direct(stage)
    (picture,) = shown(await place.imagine(stage))
    there = place._replace(channel=picture["channel_id"])
    pressed = {"message_id": picture["id"], **hand(picture, "report")}
    assert (await there.act(stage, "component", **pressed))["modal"]
    form = {"custom_id": hand(picture, "more")["custom_id"].replace("more", "report")}
    fields = {"reason": "other", "words": "look"}
    (told,) = (await there.act(stage, "modal", **form, fields=fields))["messages"]
    assert "noted it down" in text_of(told)
    assert "this server" not in text_of(told)


async def test_where_foreign_applications_are_private_all_works_in_private(stage: Stage) -> None:
    """The guild without the bot lets nobody use them in public."""
    where = await foreign_guild(stage)
    guild = stage.sandbox.state.guilds[where.guild_id or ""]
    guild.roles[guild.id].permissions &= ~(1 << 50)
    (first,) = (await pictured(stage, await where.ask(stage), 1))["messages"]
    assert first["flags"] & 64
    assert first["attachments"]
    pressed = {"message_id": first["id"], **hand(first, "again")}
    (second,) = (await pictured(stage, await where.start(stage, "component", **pressed), 2))[
        "messages"
    ]
    assert second["flags"] & 64
    assert second["attachments"]


async def pictured(stage: Stage, started: Any, count: int) -> Any:
    """What a private answer became: Cancel on it is no sign for the sandbox that work goes on."""
    await stage.until(
        lambda: len(rows(stage, "SELECT 1 FROM picture WHERE state = 'shown'")) == count
    )
    return await stage.control.settled(started)


@pytest.mark.parametrize("place", [direct, between_two])
async def test_a_crash_in_between_leaves_one_picture_and_one_bill(
    stage: Stage, place: Callable[[Stage], Awaitable[Where]]
) -> None:
    """Drawn, and killed before Discord has taken it."""
    where = await place(stage)
    stage.fault({"server": "discord", "kind": "status", "status": 503, "match": "PATCH *"})
    started = await where.ask(stage)
    await stage.until(stage.fired)
    await stage.kill_bot()
    stage.sandbox.faults.clear()
    await stage.start_bot()
    is_shown = "SELECT 1 FROM picture WHERE state = 'shown'"
    await stage.until(lambda: rows(stage, is_shown), 60)
    (message,) = (await stage.control.settled(started, 30))["messages"]
    assert [one["filename"] for one in message["attachments"]] == [
        f"zeuxis-{rows(stage, 'SELECT id FROM job')[0][0]}.png"
    ]
    assert stage.ledger()["billed"] == 1


async def test_a_wait_that_the_token_would_not_outlive_is_refused(
    stage_with: Callable[..., Any],
) -> None:
    """Before anything is paid; seldom a picture, and fourteen minutes to go."""
    async with stage_with(bot=False, rate=0.02) as stage:
        stage.environment["OUTSIDE_GUILDS"] = "any"
        await stage.start_bot()
        where = await between_two(stage)
        for _ in range(80):
            (message, *_) = (await stage.control.settled(await where.ask(stage), 0.5))["messages"]
            if message["flags"] & 64:
                break
        assert "Here Discord gives me about 14 min" in text_of(message)
        assert stage.ledger()["accepted"] <= rows(stage, "SELECT count(*) FROM job")[0][0] < 70


async def test_an_outage_of_discord_is_waited_for_by_the_token(stage: Stage) -> None:
    """One message, one picture, one bill."""
    where = await between_two(stage)
    way = {"server": "discord", "kind": "status", "match": "PATCH */webhooks/*"}
    stage.fault({**way, "status": 503, "times": 3})
    started = await where.ask(stage)
    await stage.until(lambda: rows(stage, "SELECT 1 FROM picture WHERE state = 'shown'"), 60)
    (message,) = (await stage.control.settled(started, 30))["messages"]
    assert message["attachments"]
    assert stage.ledger()["billed"] == 1


async def test_a_token_that_dies_while_it_is_drawn_leaves_the_picture_with_queue(
    stage: Stage,
) -> None:
    """Told by a direct message, since they share a guild with the bot."""
    where = await between_two(stage)
    dead = {"body": '{"message": "Invalid Webhook Token", "code": 50027}', "status": 401}
    way = {"server": "discord", "kind": "status", "match": "* */webhooks/*"}
    stage.fault({**way, **dead, "content_type": "application/json"})
    await where.ask(stage)
    is_undeliverable = "SELECT 1 FROM picture WHERE state = 'undeliverable'"
    await stage.until(lambda: rows(stage, is_undeliverable), 60)
    direct_id = stage.sandbox.state.direct_channel(stage.control.member()).id
    await stage.until(lambda: stage.sandbox.state.messages.get(direct_id))
    stage.sandbox.faults.clear()
    (answer,) = (await where.act(stage, "command", name="queue"))["messages"]
    assert "Painted, but I could not post them" in text_of(answer)
    tokens = [one.token for one in stage.sandbox.state.interactions.values()]
    assert not any(token in stage.log for token in tokens)
