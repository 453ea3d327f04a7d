"""What members may type and press: odd texts, and buttons and numbers from wrong places."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.bodies import parsed
from sandbox.discord.message_bodies import MessageBody
from sandbox.discord.posting import Draft, create_message
from tests.hostile.showing import PLACES, Shown, ask, is_over, watched
from tests.journeys.test_imagine import custom_id, hand, text_of
from tests.robustness.rows import WHOLE, rows

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

REQUESTER, STRANGER, OTHER, MODERATOR = 0, 1, 2, 3
SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, MANAGE_MESSAGES = 1 << 11, 1 << 38, 1 << 13
VERBS = (
    *("cancel", "reroll", "again", "delete", "why", "first"),
    *("edit", "resize", "rewritten", "keep", "prompt", "alt", "report", "lineage"),
)
EMPTY = "The prompt is empty."
NO_SIZE = "I do not know the size"
OUT_OF_RANGE = "Z-Image does not paint"
UNKNOWN = "I no longer know this picture."
NOT_YOURS = "This picture is somebody else's."
FREE = "Nothing was charged."
PRIVATE = "(only you can see this)"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A request that is understood: what reaches Z-Image."""

    name: str
    prompt: str = "a cat"
    sent: str = "a cat"
    size: str = "512*512"
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that costs nothing and is answered for its member alone."""

    name: str
    says: str
    prompt: str = "a cat"
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def sized(typed: str, size: str) -> Drawn:
    return Drawn(f"size {typed!a}", size=size, options={"size": typed})


DRAWN = [
    Drawn("zero-width edges", "\u200b\ufeffa cat\u2060", "a cat"),
    Drawn("blanks of other scripts at the edges", "\u3164\u2800 a cat\u3000", "a cat"),
    Drawn("an override at the edge", "\u202ea cat", "a cat"),
    Drawn("a byte of nothing", "\x00a cat\x00", "a cat"),
    Drawn("a family of emoji", "👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
    Drawn("a variation selector", "I ❤\ufe0f", "I ❤\ufe0f"),
    Drawn("a flag of tags", "🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
    Drawn("an emoji of a later Unicode", "🫨", "🫨"),
    Drawn("Persian with joiners", "می\u200cخواهم", "می\u200cخواهم"),
    Drawn("Hebrew with points", "שָׁלוֹם", "שָׁלוֹם"),
    Drawn("an isolate inside", "a \u2067אב\u2069 cat", "a \u2067אב\u2069 cat"),
    Drawn("800 characters and invisible ones", "水" * 800 + "\u200b" * 99, "水" * 800),
    Drawn("emoji of the guild", "<:pepe_happy:1> and <a:wave:2>", "pepe happy and wave"),
    Drawn("an unknown member", "<@1> with <@!2>", "someone with someone"),
    Drawn("a role and a channel", "<@&1> in <#2>", "people in a channel"),
    Drawn("a command", "</queue why:1>", "queue why"),
    Drawn("a date", "<t:1700000000:R>", "14 November 2023"),
    Drawn("a mark inside a mark", "<@<:1:5>>", "someone"),
    Drawn("everybody", "@everyone a cat", "@everyone a cat"),
    sized("５１２＊５１２", "512*512"),
    sized("512×512", "512*512"),
    sized("512\u200bx\u200b512", "512*512"),
    sized(" 512 px ✖\ufe0f 640 px ", "512*640"),
    sized("512/640", "512*640"),
    sized("512 640", "512*640"),
    sized("640", "640*640"),
    sized("1：1", "1024*1024"),
    sized("16 / 9", "1280*720"),
    sized("ＷＩＤＥ", "1280*720"),
    sized("1k", "1024*1024"),
    sized("2k wide", "2048*1152"),
    Drawn("the largest seed", options={"seed": 2147483647}),
    Drawn("nothing visible to leave out", options={"negative": "\u200b\u3164"}),
]
REFUSED = [
    *(
        Refused(f"a prompt of {prompt!a}", EMPTY, prompt)
        for prompt in ("\u200b", "\u3164", "\u2800", "\u00ad", "\u202e", "\ufeff\u2060", "\u0301")
    ),
    Refused("a prompt of joiners", EMPTY, "\u200d\u200c\u200d"),
    Refused("a prompt of tags", EMPTY, "\U000e0061\U000e0062"),
    Refused("801 visible characters", "801 characters", "\u200b" + "水" * 801),
    Refused("a size that shows nothing", NO_SIZE, options={"size": "\u200b"}),
    Refused("a size of words", NO_SIZE, options={"size": "huge"}),
    Refused("half a size", NO_SIZE, options={"size": "1024×"}),
    Refused("4K", OUT_OF_RANGE, options={"size": "４Ｋ"}),
    Refused("a stamp", OUT_OF_RANGE, options={"size": "64*64"}),
    Refused("a ruler", "too narrow", options={"size": "4096 × 200"}),
]


@pytest.mark.parametrize("row", DRAWN, ids=str)
async def test_what_can_be_understood_is_drawn_by_its_meaning(
    lasting_stage: Stage, row: Drawn
) -> None:
    """Z-Image, row and status message agree on the words."""
    shown = await ask(lasting_stage, row.prompt, channel=next(PLACES), **row.options)
    assert (shown.pictures, shown.billed, shown.row, shown.log) == (1, 1, "shown", ())
    newest = lasting_stage.ledger()["requests"][-1]
    assert (newest["prompt"], newest["size"]) == (row.sent, row.size)
    assert rows(lasting_stage.database, "SELECT prompt FROM job ORDER BY id DESC LIMIT 1") == [
        (row.sent,)
    ]
    assert "[picture: AI-generated picture: ]" not in shown.member


@pytest.mark.parametrize("row", REFUSED, ids=str)
async def test_what_cannot_be_drawn_costs_nothing(lasting_stage: Stage, row: Refused) -> None:
    """Its member alone reads why; there is no row, and the log stays quiet."""
    shown = await ask(lasting_stage, row.prompt, **row.options)
    assert (shown.pictures, shown.billed, shown.row, shown.log) == (0, 0, "", ())
    assert row.says in shown.member
    assert FREE in shown.member
    assert PRIVATE in shown.member


@pytest.mark.parametrize("seed", [-1, 2147483648, "１２", "12"])
async def test_a_seed_that_is_no_whole_number_in_range_never_leaves_discord(
    lasting_stage: Stage, seed: Any
) -> None:
    """The client refuses it in the option itself."""
    before = lasting_stage.ledger()["billed"]
    options = {"prompt": "a cat", "seed": seed}
    refused = await lasting_stage.control.try_act("command", name="imagine", options=options)
    assert (refused.status, refused.body["code"]) == (400, 50035)
    assert lasting_stage.ledger()["billed"] == before


async def a_picture(stage: Stage, **act: Any) -> Any:
    """The message of a new picture in the first guild."""
    started = await stage.imagine("secret grapes", size="512*512", **act)
    (picture,) = await stage.pictures(started)
    await stage.until(lambda: is_over(stage, int(started["interaction_id"])))
    return picture


def number(message: Any) -> int:
    return int(custom_id(message, "more").rpartition(":")[2])


def post_button(stage: Stage, verb: str, job: int, channel_id: str) -> dict[str, str]:
    """A message of the bot's with one button, as another database may have left it."""
    button = {"type": 2, "style": 2, "label": "old", "custom_id": f"zeuxis:{verb}:{job}"}
    body = {"flags": 1 << 15, "components": [{"type": 1, "components": [button]}]}
    state = stage.sandbox.state
    draft = Draft(channel=state.channels[channel_id], author_id=state.bot_id)
    message = create_message(state, draft, parsed(body, MessageBody))
    return {
        "message_id": message.id,
        "channel": channel_id,
        "custom_id": f"zeuxis:{verb}:{job}",
    }


async def press(stage: Stage, button: dict[str, Any], **act: Any) -> Shown:
    return await watched(stage, stage.control.act("component", **button, **act))


def kept(stage: Stage, job: int) -> Any:
    """What an act from a wrong place must not change."""
    query = f"SELECT prompt, state, deleted_at_us, priority FROM {WHOLE} WHERE id = ?"
    (found,) = rows(stage.database, query, job)
    count = rows(stage.database, "SELECT count(*) FROM job")
    return found, count


def refused(shown: Shown, says: str) -> bool:
    """For the member alone, without a word of the prompt, a bill, a row or a loud event."""
    return (
        says in shown.member
        and PRIVATE in shown.member
        and "secret" not in shown.member
        and (shown.pictures, shown.billed, shown.row, shown.log) == (0, 0, "", ())
    )


@pytest.mark.parametrize("member", [REQUESTER, STRANGER, MODERATOR])
@pytest.mark.parametrize("verb", VERBS)
async def test_a_button_in_another_channel_acts_on_nothing(
    lasting_stage: Stage, verb: str, member: int
) -> None:
    """Whoever presses it, also the member whose job it is."""
    job = number(await a_picture(lasting_stage, channel="studio"))
    before = kept(lasting_stage, job)
    button = post_button(lasting_stage, verb, job, lasting_stage.control.channel("general"))
    assert refused(await press(lasting_stage, button, member=member), UNKNOWN)
    assert kept(lasting_stage, job) == before


@pytest.mark.parametrize("verb", VERBS)
async def test_a_button_in_another_guild_acts_on_nothing(lasting_stage: Stage, verb: str) -> None:
    """Its moderator moderates that guild alone."""
    job = number(await a_picture(lasting_stage))
    before = kept(lasting_stage, job)
    harbour = lasting_stage.control.addresses["guilds"][1]
    button = post_button(lasting_stage, verb, job, harbour["channels"][0]["id"])
    act = {"guild_id": harbour["id"], "user_id": harbour["members"][MODERATOR]["id"]}
    assert refused(await press(lasting_stage, button, **act), UNKNOWN)
    assert kept(lasting_stage, job) == before


@pytest.mark.parametrize("verb", VERBS)
async def test_a_button_older_than_its_job_acts_on_nothing(lasting_stage: Stage, verb: str) -> None:
    """The number that it names has come again, in the same channel and for the same member."""
    ((last,),) = rows(lasting_stage.database, "SELECT last_job_id FROM queue")
    button = post_button(lasting_stage, verb, last + 1, lasting_stage.control.channel("pictures"))
    job = number(await a_picture(lasting_stage))
    assert job == last + 1
    before = kept(lasting_stage, job)
    assert refused(await press(lasting_stage, button), UNKNOWN)
    assert kept(lasting_stage, job) == before


@pytest.mark.parametrize(("verb", "says"), [("delete", UNKNOWN), ("cancel", "Too late")])
async def test_a_second_message_of_the_job_takes_nothing_away(
    lasting_stage: Stage, verb: str, says: str
) -> None:
    """Only the picture's own message is deleted by its button."""
    picture = await a_picture(lasting_stage)
    before = kept(lasting_stage, number(picture))
    button = post_button(lasting_stage, verb, number(picture), picture["channel_id"])
    assert refused(await press(lasting_stage, button), says)
    assert kept(lasting_stage, number(picture)) == before


@dataclass(frozen=True, slots=True)
class Asked:
    """`/queue why:` of a picture in #studio, and what its asker is told."""

    name: str
    says: str
    member: int = REQUESTER
    channel: str = "studio"
    typed: str = "{job}"

    def __str__(self) -> str:
        return self.name


def wide(job: int) -> str:
    return str(job).translate({ord("0") + digit: ord("０") + digit for digit in range(10)})


@pytest.mark.parametrize(
    "row",
    [
        Asked("its member", "secret grapes"),
        Asked("its member elsewhere in the guild", "secret grapes", channel="general"),
        Asked("its member in wide digits", "secret grapes", typed="＃{wide}"),
        Asked("its member with a zero-width space", "secret grapes", typed="job \u200b{job}\u2069"),
        Asked("a moderator of the place", "secret grapes", MODERATOR),
        Asked("a stranger in the place", NOT_YOURS, STRANGER),
        Asked("a stranger elsewhere", UNKNOWN, STRANGER, "general"),
        Asked("a moderator elsewhere", UNKNOWN, MODERATOR, "general"),
        Asked("a number of nothing", UNKNOWN, typed="1"),
        Asked("a stranger, a number of nothing", UNKNOWN, STRANGER, "general", "1"),
        Asked("no number", UNKNOWN, typed="\u200b"),
        Asked("a number too long", UNKNOWN, typed="9" * 40),
    ],
    ids=str,
)
async def test_a_number_is_explained_where_it_belongs(lasting_stage: Stage, row: Asked) -> None:
    """Elsewhere somebody else's and nobody's are told alike."""
    job = number(await a_picture(lasting_stage, channel="studio"))
    options = {"why": row.typed.format(job=job, wide=wide(job))}
    act = lasting_stage.control.act(
        "command", name="queue", channel=row.channel, member=row.member, options=options
    )
    shown = await watched(lasting_stage, act)
    assert row.says in shown.member
    assert PRIVATE in shown.member
    assert ("secret" in shown.member) == (row.says == "secret grapes")
    assert (shown.billed, shown.log) == (0, ())


async def deny(stage: Stage, channel: str, bits: int, member: int = STRANGER) -> None:
    """Takes permissions away from one member in a channel; 0 gives them back."""
    overwrite = {"id": stage.control.member(member), "type": 1, "deny": str(bits)}
    path = f"/channels/{stage.control.channel(channel)}"
    assert (await stage.control.call("PATCH", path, {"overwrites": [overwrite]})).status == 200


@pytest.mark.parametrize("act", ["imagine", "reroll", "again"])
@pytest.mark.parametrize("is_thread", [False, True], ids=["channel", "thread"])
async def test_who_may_not_post_has_nothing_posted(
    lasting_stage: Stage, act: str, is_thread: bool
) -> None:
    """The bot may; the refusal names what the member lacks there."""
    picture = await a_picture(lasting_stage)
    thread = picture["channel_id"]
    where = thread if is_thread else lasting_stage.control.channel("pictures")
    await deny(lasting_stage, "pictures", SEND_MESSAGES_IN_THREADS if is_thread else SEND_MESSAGES)
    if act == "imagine":
        shown = await ask(lasting_stage, member=STRANGER, channel=where)
    else:
        button = post_button(lasting_stage, act, number(picture), where)
        shown = await press(lasting_stage, button, member=STRANGER)
    await deny(lasting_stage, "pictures", 0)
    lacked = "Send Messages in Threads" if is_thread else "Send Messages"
    assert refused(shown, f"You lack: {lacked}.")


async def delete(stage: Stage, picture: Any, member: int = REQUESTER) -> Shown:
    """Presses the picture's own button and waits until all of it is gone."""
    job = number(picture)
    button = {
        "message_id": picture["id"],
        "channel": picture["channel_id"],
        **hand(picture, "delete"),
    }
    shown = await press(stage, button, member=member)
    query = f"SELECT 1 FROM {WHOLE} WHERE id = ? AND deleted_at_us > 0 AND due_at_us IS NULL"
    await stage.until(lambda: rows(stage.database, query, job))
    return shown


# A request bears the number of its first job.
KEYS = {"request": "id", "job": "id", "picture": "job_id", "message": "request_id"}


@pytest.mark.parametrize("member", [REQUESTER, MODERATOR])
async def test_a_deleted_picture_leaves_no_word_anywhere(lasting_stage: Stage, member: int) -> None:
    """Channel, thread, title, rows, write-ahead log's rows and the log; the ledger stays."""
    word = f"quincunx{member}"
    started = await lasting_stage.imagine(
        word, negative=f"left {word}", rewrite="on", size="512*512"
    )
    settled = await lasting_stage.control.settled(started)
    status, picture = settled["messages"][0], settled["messages"][-1]
    job = number(picture)
    bill = "SELECT * FROM ledger WHERE job_id = ? ORDER BY entry"
    billed = rows(lasting_stage.database, bill, job)
    await delete(lasting_stage, picture, member)
    (shown,) = [
        one for one in await lasting_stage.control.messages("pictures") if one["id"] == status["id"]
    ]
    assert "The picture was deleted." in text_of(shown)
    thread = lasting_stage.sandbox.state.channels[picture["channel_id"]]
    assert thread.name == "The picture was deleted."
    assert word not in str(await lasting_stage.control.messages("pictures"))
    assert word not in str(await lasting_stage.control.messages(picture["channel_id"]))
    for table, key in KEYS.items():
        query = f"SELECT * FROM {table} WHERE {key} = ?"
        (found,) = rows(lasting_stage.database, query, job)
        assert word not in str(found), table
    assert word not in lasting_stage.log
    assert rows(lasting_stage.database, bill, job) == billed


@pytest.mark.parametrize("verb", ["reroll", "again"])
async def test_a_deleted_picture_is_not_drawn_again(lasting_stage: Stage, verb: str) -> None:
    """By a button that stood a moment longer on another screen."""
    picture = await a_picture(lasting_stage)
    await delete(lasting_stage, picture)
    button = post_button(lasting_stage, verb, number(picture), picture["channel_id"])
    says = "This picture was deleted, and its prompt with it."
    assert refused(await press(lasting_stage, button, member=STRANGER), says)


async def test_deletion_is_told_again_when_discord_did_not_take_it(lasting_stage: Stage) -> None:
    """The status message loses its words as soon as it can be edited."""
    picture = await a_picture(lasting_stage)
    fault = {"server": "discord", "kind": "status", "match": "PATCH */messages/*", "status": 401}
    lasting_stage.fault({**fault, "times": 1})
    await delete(lasting_stage, picture)
    assert lasting_stage.fired() == 1
    lasting_stage.fault()
    status = lasting_stage.sandbox.state.messages[lasting_stage.control.channel("pictures")]
    assert "secret" not in str(status[picture["channel_id"]].components)


async def test_a_picture_deleted_before_its_status_says_done_leaves_no_words(
    lasting_stage: Stage,
) -> None:
    """The press comes between the post and the last edit, which hangs until then."""
    stage = lasting_stage
    stage.fault({"server": "discord", "kind": "hang_before", "match": "PATCH */messages/*"})
    started = await stage.imagine("secret grapes", size="512*512")
    await stage.until(lambda: _pictures_of(stage, started))
    posted = _pictures_of(stage, started)
    channel = posted[0].channel_id
    (picture,) = [one for one in await stage.control.messages(channel) if one["id"] == posted[0].id]
    deleting = asyncio.create_task(delete(stage, picture))
    query = f"SELECT 1 FROM {WHOLE} WHERE interaction_id = ? AND deleted_at_us > 0"
    await stage.until(lambda: rows(stage.database, query, int(started["interaction_id"])))
    stage.fault()
    await deleting
    status = stage.sandbox.state.messages[stage.control.channel("pictures")][channel]
    assert "secret" not in str(status.components)
    assert "secret" not in str(stage.sandbox.state.channels[channel].name)


def _pictures_of(stage: Stage, started: Any) -> list[Any]:
    """Posted for this interaction, whether or not the rest has been said."""
    query = f"SELECT picture_channel_id, picture_message_id FROM {WHOLE} WHERE interaction_id = ?"
    return [
        stage.sandbox.state.messages[str(channel)][str(message)]
        for channel, message in rows(stage.database, query, int(started["interaction_id"]))
        if message is not None
    ]


async def test_a_thread_that_a_member_opened_keeps_its_title(lasting_stage: Stage) -> None:
    """Only the thread that was made for the picture loses its own."""
    outer = await a_picture(lasting_stage)
    inner = await a_picture(lasting_stage, channel=outer["channel_id"])
    await delete(lasting_stage, inner)
    assert lasting_stage.sandbox.state.channels[outer["channel_id"]].name == "secret grapes"
