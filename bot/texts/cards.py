"""What cards share: one coloured box, a budget of characters, links, controls and costs."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias, assert_never

import discord
from discord import ChannelType, ui

from bot.queue.records import Surface
from bot.texts import Say, deferred, plain, quoted
from bot.texts.custom_ids import ID, NUMBER, CustomId, custom_id, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.providers.image import Size
    from bot.queue.records import ChannelId, GuildId, Job, JobId, MessageId
    from bot.texts import Texts


TEXT_LIMIT = 4000  # characters in all text displays of one message
MOST_CHOICES = 25  # of a select, or of an option while it is typed: Discord's
CHOICE_LIMIT = 100  # characters of one, likewise
PLACES = (
    ChannelType.text,
    ChannelType.voice,
    ChannelType.news,
    ChannelType.stage_voice,
    ChannelType.forum,
)
MOST_REASON = 300  # characters of what the staff say


class Colour(IntEnum):
    """The stripe at the side of a card."""

    WAITING = 0x8A93A6
    WORKING = 0xE8A33D
    DONE = 0x3F9E6E
    ENDED = 0x6B7280  # by the member's own wish
    REFUSED = 0xC8553D
    NEUTRAL = 0x5B6EE1


class Card(ui.LayoutView):
    """A message of Zeuxis.

    Its buttons are answered by what they carry (see `CustomId`), in any process and after any
    restart. So it never listens, and discord.py has no reason to keep every card in memory.
    """

    def __init__(self, colour: Colour, *items: ui.Item[Card]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_colour=int(colour)))

    def is_finished(self) -> bool:
        return True


Items: TypeAlias = list[ui.Item[Card]]


def notice(text: str, colour: Colour = Colour.REFUSED) -> Card:
    """One thing to say."""
    return Card(colour, ui.TextDisplay(text))


def file_card(text: str, filename: str, colour: Colour) -> Card:
    """A file that is sent along, and what it is."""
    return Card(colour, ui.TextDisplay(text), ui.File(f"attachment://{filename}"))


def heading(sign: str, text: str) -> ui.TextDisplay[Card]:
    return ui.TextDisplay(f"### {sign} {text}")


def small(*parts: str) -> str:
    """Small print: what identifies a picture, for whoever looks for it."""
    return "-# " + " · ".join(filter(None, parts))


def fitting(lines: Sequence[str], limit: int) -> list[str]:
    """As many of them as have room with an end of line each, the first ones."""
    lengths = accumulate(len(one) + 1 for one in lines)
    return list(lines[: sum(length <= limit for length in lengths)])


def within(lines: Sequence[str], limit: int) -> str:
    """The same as one text, with an ellipsis for those that have no room."""
    shown = fitting(lines, limit)
    return "\n".join(shown if len(shown) == len(lines) else [*shown, "…"])


def staff_say_text(reason: str, texts: Texts) -> str:
    """What the staff say to a member alone."""
    return texts.say("They say: {reason}", reason=plain(reason, MOST_REASON))


def prompt_shown(job: Job, limit: int, texts: Texts) -> str:
    """Quoted; of a job that is veiled here, why it is not."""
    if job.is_veiled:
        return f"*{texts.say('made in an age-restricted channel; open it there')}*"
    return quoted(job.request.prompt, limit)


def shown_size(size: Size) -> str:
    return f"{size.width_px} × {size.height_px}"


def marks_of(job: Job, texts: Texts) -> tuple[str, str, str]:
    """Size, seed and number, as parts of small print."""
    size = job.picture.size if job.picture else job.request.size
    seed = texts.say("seed {seed}", seed=job.request.seed)
    return shown_size(size), seed, texts.say("job {id}", id=job.id)


def jump_url(guild_id: GuildId | None, channel_id: ChannelId, message_id: MessageId) -> str:
    """Discord calls a place outside of guilds `@me`."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def boxed(before: Sequence[ui.Item[Card]], colour: Colour, items: Items) -> Card:
    """With what there is to say before in a box of its own, if there is anything."""
    if not before:
        return Card(Colour.NEUTRAL, *items)
    card = Card(colour, *before)
    card.add_item(ui.Container(*items, accent_colour=int(Colour.NEUTRAL)))
    return card


# ------------------------------------------------------------------------------------------------
# Controls.


def picture_url(job: Job) -> str | None:
    """Of the message with its picture, hidden or not.

    None for what a user's own install has posted: perhaps in a guild, and which one is not kept.
    """
    picture = job.picture
    if picture is None or picture.message_id is None:
        return None
    if job.origin.surface is Surface.INTERACTION:
        return None
    place = picture.channel_id or job.message.thread_id or job.origin.channel_id
    return jump_url(job.origin.guild_id, place, picture.message_id)


def picture_link(job: Job, texts: Texts) -> list[ui.Button[Card]]:
    url = picture_url(job)
    return [] if url is None else [ui.Button(label=texts.say("See the picture"), url=url)]


def button(
    label: str,
    carried: CustomId,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    *,
    is_off: bool = False,
) -> ui.Button[Card]:
    return ui.Button(label=label, style=style, custom_id=str(carried), disabled=is_off)


def turns(
    page: int, last: int, carried: Callable[[int], CustomId], texts: Texts
) -> ui.ActionRow[Card]:
    """At an end the button that leads beyond it cannot be pressed; custom ids must differ."""
    return ui.ActionRow(
        button(texts.say("Previous"), carried(max(page - 1, 0)), is_off=page == 0),
        button(texts.say("Next"), carried(page + 1), is_off=page == last),
    )


def turns_back(
    carried: Callable[[int], CustomId], older: int | None, texts: Texts, *, is_newest: bool
) -> Items:
    """Of a log: to its newest entries, and to those before one, if there are any."""
    buttons: list[ui.Button[Card]] = []
    if not is_newest:
        buttons.append(button(texts.say("Newest"), carried(0)))
    if older is not None:
        buttons.append(button(texts.say("Older"), carried(older)))
    return [ui.ActionRow(*buttons)] if buttons else []


def select(
    carried: CustomId, options: Sequence[discord.SelectOption], placeholder: str | None = None
) -> ui.ActionRow[Card]:
    """A row of one select, of which one is chosen."""
    return ui.ActionRow(
        ui.Select(
            custom_id=str(carried), placeholder=placeholder, options=list(options[:MOST_CHOICES])
        )
    )


def role_select(
    carried: CustomId, ids: Iterable[int], placeholder: str, *, least: int = 0, most: int = 1
) -> ui.ActionRow[Card]:
    """Args: ids: of those that are chosen already."""
    kind = discord.SelectDefaultValueType.role
    return ui.ActionRow(
        ui.RoleSelect(
            custom_id=str(carried),
            placeholder=placeholder,
            min_values=least,
            max_values=most,
            default_values=[discord.SelectDefaultValue(id=one, type=kind) for one in ids],
        )
    )


def channel_select(
    carried: CustomId,
    ids: Iterable[int],
    placeholder: str,
    *,
    least: int = 0,
    most: int = 1,
    kinds: Sequence[ChannelType] = PLACES,
) -> ui.ActionRow[Card]:
    """Likewise, by default of all in which there may be pictures."""
    kind = discord.SelectDefaultValueType.channel
    return ui.ActionRow(
        ui.ChannelSelect(
            custom_id=str(carried),
            channel_types=list(kinds),
            placeholder=placeholder,
            min_values=least,
            max_values=most,
            default_values=[discord.SelectDefaultValue(id=one, type=kind) for one in ids],
        )
    )


def options_of(labels: Mapping[str, str], chosen: str = "") -> list[discord.SelectOption]:
    """Values and what they are called."""
    return [
        discord.SelectOption(label=label, value=value, default=value == chosen)
        for value, label in labels.items()
    ]


def job_button(verb: Verb, job_id: JobId, texts: Texts) -> ui.Button[Card]:
    return button(verb_label(verb, texts), Press(verb=verb, job_id=job_id), _style(verb))


def job_select(
    verb: Verb, job_id: JobId, options: Sequence[discord.SelectOption], texts: Texts
) -> ui.ActionRow[Card]:
    return select(Press(verb=verb, job_id=job_id), options, verb_label(verb, texts))


def retry_button(job_id: JobId, texts: Texts) -> ui.Button[Card]:
    """The same request with the same seed, after an end without a picture."""
    return button(texts.say("Try again"), Press(verb=Verb.AGAIN, job_id=job_id))


def _style(verb: Verb) -> discord.ButtonStyle:
    if verb in (Verb.REROLL, Verb.FIRST, Verb.CORRECT):
        return discord.ButtonStyle.primary
    return discord.ButtonStyle.danger if verb is Verb.DELETE else discord.ButtonStyle.secondary


def verb_label(verb: Verb, texts: Texts) -> str:
    """On a button, or in a menu."""
    return _LABELS[verb](texts)


# ------------------------------------------------------------------------------------------------
# What a button, a menu or a form of a job does.


class Verb(StrEnum):
    """What a button does to its job. A form bears the verb of the button that opens it."""

    CANCEL = "cancel"  # withdraw it
    REROLL = "reroll"  # the same request with a new seed
    AGAIN = "again"  # the same request with the same seed
    DELETE = "delete"  # take the picture away
    WHY = "why"  # tell why it is where it is
    FIRST = "first"  # have it before the member's others
    LATER = "later"  # let others have a picture before
    EDIT = "edit"  # the same with other words, size or seed
    RESIZE = "resize"  # offer other sizes
    SIZE = "size"  # the same in the size that was chosen
    REWRITTEN = "rewritten"  # the rewritten prompt as prompt
    KEEP = "keep"  # to find it again; pressed once more: no longer
    MORE = "more"  # whatever was chosen of the menu, which is one of these
    PICK = "pick"  # the hands of the picture that was chosen
    PROMPT = "prompt"  # show all the words
    ALT = "alt"  # change the alternative text
    REPORT = "report"  # tell the staff
    LINEAGE = "lineage"  # show its family
    CORRECT = "correct"  # an edit that was refused: its draft stands in the place of the job


@custom_id("zeuxis:2", former="zeuxis", verb=one_of(Verb), job_id=ID)
class Press(CustomId, frozen=True, kw_only=True):
    """What was pressed, of a job."""

    verb: Verb
    job_id: JobId


@custom_id("zeuxis:unposted", page=NUMBER)
class UnpostedTurn(CustomId, frozen=True, kw_only=True):
    """To another page of the pictures that found no place; the first is 0."""

    page: int


_LABELS: dict[Verb, Say] = {
    Verb.CANCEL: deferred("Cancel"),
    Verb.REROLL: deferred("Reroll"),
    Verb.AGAIN: deferred("Same seed again"),
    Verb.DELETE: deferred("Delete"),
    Verb.WHY: deferred("Why?"),
    Verb.FIRST: deferred("First of mine"),
    Verb.LATER: deferred("Let others first"),
    Verb.EDIT: deferred("Edit"),
    Verb.RESIZE: deferred("Resize"),
    Verb.SIZE: deferred("Another size"),
    Verb.REWRITTEN: deferred("Use the rewritten prompt"),
    Verb.KEEP: deferred("Keep"),
    Verb.MORE: deferred("More"),
    Verb.PICK: deferred("Which picture?"),
    Verb.PROMPT: deferred("Show prompt"),
    Verb.ALT: deferred("Alternative text"),
    Verb.LINEAGE: deferred("Lineage"),
    Verb.REPORT: deferred("Report"),
    Verb.CORRECT: deferred("Correct it"),
}


# ------------------------------------------------------------------------------------------------
# What an end without a picture costs, in one sentence that every refusal carries.


class Cost(StrEnum):
    """Whether the provider was paid."""

    NONE = "none"
    PERHAPS = "perhaps"  # the answer was lost, so nobody here can know
    ONCE = "once"  # drawn, and lost afterwards


def cost_text(cost: Cost, texts: Texts) -> str:
    match cost:
        case Cost.NONE:
            return texts.say("Nothing was charged.")
        case Cost.PERHAPS:
            return texts.say("It may have been charged once, so I did not send it again.")
        case Cost.ONCE:
            return texts.say("It had been painted, so it was charged once.")
        case _:
            assert_never(cost)
