"""What the bot is, needs and keeps: greeting, `/about`, `/help`, `/privacy`, and its servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui
from msgspec import Struct

from bot.providers.image import dollars
from bot.texts import plain
from bot.texts.cards import Card, Colour, button, heading, notice
from bot.texts.custom_ids import CustomId, custom_id
from bot.texts.failures import permission_list
from bot.texts.quotas import limit_text, outside_text, quota_text, switched_off_text
from bot.texts.settings_panel import panel_button
from bot.texts.settings_words import names_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.features.imagine.records import Options
    from bot.policy.quotas import QuotaLimit
    from bot.policy.rules import Policy
    from bot.queue.ledger import GuildRow
    from bot.texts import Texts

MOST_NAMED = 8  # channels
MOST_LIMITS = 16


class Lacking(Struct, frozen=True, kw_only=True):
    """A channel in which the bot lacks something."""

    channel_id: int
    names: tuple[str, ...]  # Discord's flags


def greeting_card(lacking: Sequence[Lacking], texts: Texts, *, is_set_up: bool = False) -> Card:
    """Once, to staff: what it is, what it needs, and where it lacks that.

    Args:
        is_set_up: the bot is back, and what staff had set before still holds.
    """
    how = texts.say(
        "Members type {command} with a prompt. Requests wait in a fair queue, and each picture"
        " comes into a thread of its own.",
        command="`/imagine`",
    )
    open_to_all = texts.say(
        "Whoever may manage this server sets channels, roles, limits and language with {command};"
        " until then everybody may ask for pictures everywhere.",
        command="`/settings panel`",
    )
    holds_again = texts.say(
        "What this server's staff had set before holds again; {command} shows it.",
        command="`/settings panel`",
    )
    needs = needs_text(lacking, texts)
    said = [needs, holds_again] if is_set_up else [how, needs, open_to_all]
    return Card(
        Colour.NEUTRAL,
        heading("🎨", texts.say("Hello, I am Zeuxis and I paint pictures")),
        *(ui.TextDisplay[Card](one) for one in said),
        ui.ActionRow(panel_button(texts)),
    )


def not_allowed_card(guild_id: int, texts: Texts) -> Card:
    """Once, to staff of a guild that the operator has not allowed."""
    return Card(
        Colour.NEUTRAL,
        heading("🎨", texts.say("Thank you for inviting me")),
        ui.TextDisplay(
            texts.say(
                "Whoever runs this bot has not opened it for this server, so I cannot paint here"
                " and nothing is charged to anybody. Ask them to allow the server {guild}, or run"
                " a bot of your own: I am open source.",
                guild=f"`{guild_id}`",
            )
        ),
    )


def needs_text(lacking: Sequence[Lacking], texts: Texts) -> str:
    """The channels in which pictures cannot be posted, with what is missing there."""
    if not lacking:
        return texts.say("I have all the permissions that I need where members may write.")
    lines = [
        f"- <#{one.channel_id}>: {permission_list(one.names, texts)}"
        for one in lacking[:MOST_NAMED]
    ]
    if len(lacking) > MOST_NAMED:
        lines.append("- …")
    first = texts.plural(
        "In {count} channel I lack permissions:",
        "In {count} channels I lack permissions:",
        count=len(lacking),
    )
    return "\n".join((first, *lines))


def about_card(options: Options, texts: Texts) -> Card:
    """What the bot is, by whom the pictures are drawn, and what they cost."""
    return Card(
        Colour.NEUTRAL,
        heading("🎨", "Zeuxis"),
        ui.TextDisplay(
            texts.say(
                "An open-source bot that paints with Z-Image. Requests wait in a queue that is fair"
                " to servers and members; nothing is lost and nothing is billed twice."
            )
        ),
        ui.TextDisplay(
            texts.say(
                "A picture costs whoever runs this bot {plain}, with prompt rewriting {rewritten}.",
                plain=dollars(options.plain_micros),
                rewritten=dollars(options.rewritten_micros),
            )
        ),
    )


def help_card(policy: Policy, texts: Texts, *, is_guild: bool = True) -> Card:
    """The commands, and what this server, or outside of servers the operator, allows them."""
    commands = [
        ("/imagine", texts.say("paints a picture from your words")),
        ("/defaults", texts.say("sets what holds for your pictures unless you say")),
        ("/queue", texts.say("shows your waiting pictures, and cancels them")),
        ("/history", texts.say("finds pictures again, and what you have kept")),
        ("/provenance", texts.say("tells where a picture that you have comes from")),
        ("/lineage", texts.say("shows what a picture came from, and what came from it")),
        ("/usage", texts.say("tells what was painted and what it cost")),
        ("/privacy", texts.say("tells what I keep of you, hands it out and deletes it")),
        ("/about", texts.say("tells what I am and what a picture costs")),
        *(_of_guilds(texts) if is_guild else ()),
    ]
    in_channel = texts.say("What holds for you in this channel")
    title = in_channel if is_guild else texts.say("What holds for you here")
    return Card(
        Colour.NEUTRAL,
        heading("🎨", texts.say("What I can do here")),
        ui.TextDisplay("\n".join(f"- `{name}` {what}" for name, what in commands)),
        heading("📏", title),
        ui.TextDisplay("\n".join(f"- {one}" for one in _holding(policy, texts, is_guild=is_guild))),
    )


def _of_guilds(texts: Texts) -> tuple[tuple[str, str], ...]:
    return (
        ("/styles", texts.say("lists the styles of this server")),
        ("/settings", texts.say("is for this server's staff")),
        ("/style", texts.say("is for this server's staff")),
        ("/moderation", texts.say("is for this server's staff")),
    )


def _holding(policy: Policy, texts: Texts, *, is_guild: bool) -> list[str]:
    if is_guild:
        return _allowed(policy, texts)
    if not policy.is_open_outside:
        return [outside_text(texts)]
    return [*_pictures(policy, texts), *_limits(policy, texts)]


def _allowed(policy: Policy, texts: Texts) -> list[str]:
    if not policy.is_allowed:
        return [texts.say("Whoever runs this bot has not opened it for this server.")]
    return [*_places(policy, texts), *_pictures(policy, texts), *_limits(policy, texts)]


def _places(policy: Policy, texts: Texts) -> list[str]:
    lines = []
    if policy.channels:
        channels = names_text([f"<#{one}>" for one in policy.channels])
        lines.append(texts.say("Pictures are for these channels: {channels}", channels=channels))
    if policy.roles:
        roles = names_text([f"<@&{one}>" for one in policy.roles])
        lines.append(texts.say("Pictures are for members with one of: {roles}", roles=roles))
    return lines or [texts.say("Everybody may ask for pictures in every channel.")]


def _pictures(policy: Policy, texts: Texts) -> list[str]:
    lines = []
    if policy.largest_area_px is not None:
        most = f"{policy.largest_area_px / 1e6:.1f}"
        lines.append(texts.say("A picture may have at most {most} megapixels.", most=most))
    if not policy.rewriting_allowed:
        lines.append(texts.say("Prompts are not rewritten."))
    if policy.cooldown_s:
        wait = texts.about(policy.cooldown_s)
        lines.append(texts.say("Between two pictures you wait {wait}.", wait=wait))
    return lines


def _limits(policy: Policy, texts: Texts) -> list[str]:
    lines = [
        texts.plural(
            "{count} picture of yours may wait at once.",
            "{count} pictures of yours may wait at once.",
            count=policy.limits.waiting_per_member,
        ),
        *(_limit(limit, texts) for limit in policy.quotas[:MOST_LIMITS]),
    ]
    return lines if len(policy.quotas) <= MOST_LIMITS else [*lines, "…"]


def _limit(limit: QuotaLimit, texts: Texts) -> str:
    if limit.amount == 0:
        return switched_off_text(limit.level, texts, by_staff=limit.by_staff)
    return limit_text(limit.level, quota_text(limit.unit, limit.period, limit.amount, texts), texts)


# ------------------------------------------------------------------------------------------------
# What is kept of members; and the question before it is forgotten.


@custom_id("zeuxis:forget")
class ForgetPress(CustomId, frozen=True):
    """Of whoever wants to be forgotten."""


def privacy_card(texts: Texts, *, detail_days: int, guild_days: int, words_days: int) -> Card:
    lines = (
        texts.say(
            "**Kept:** your prompts with size, seed, language, channel and your id; the rewritten"
            " prompt; ids of the messages that show your pictures; when each was asked for and"
            " what it cost; your defaults, what you keep and what you have reported."
        ),
        texts.say(
            "**Not kept:** pictures, names, other messages. Links and interaction tokens are wiped"
            " within a day."
        ),
        texts.say(
            "**Where staff moderate:** cases about you, and who decided what. Whether you are"
            " blocked, trusted or not heard; a block stays when you delete your data, by your"
            " number alone. What their word rules refused you, for {days} days. The file of a"
            " picture that waits for them.",
            days=words_days,
        ),
        texts.say(
            "**How long:** until you delete a picture or all your data, or {days} days after I have"
            " left the server. Costs stand one by one for {detail} days, then as sums by day.",
            days=guild_days,
            detail=detail_days,
        ),
        texts.say(
            "**Who else:** Z-Image gets your prompt without your name. A posted picture carries in"
            " its metadata that a machine made it, the prompts, size, seed and job number, and not"
            " your id."
        )
        + " "
        + texts.say(
            "OpenAI gets pictures to check, with their prompts and without your name, where a"
            " server's staff have chosen that."
        ),
        texts.say(
            "**Yours:** {export} gives you all of it, {delete} deletes it.",
            export="`/privacy export`",
            delete="`/privacy delete`",
        ),
    )
    return Card(
        Colour.NEUTRAL,
        heading("🔒", texts.say("What I keep of you")),
        *(ui.TextDisplay(line) for line in lines),
    )


def forget_card(texts: Texts) -> Card:
    """Asks before it is done."""
    said = texts.say(
        "This forgets you in all servers, now: prompts, ids and what was set for you. Waiting"
        " requests are cancelled; one that is being painted ends without being shown. Sums stay,"
        " without you. It cannot be taken back."
    )
    stays = texts.say(
        "Pictures in Discord stay. Delete those with their button before, if you do not want them:"
        " afterwards I do not know that they were yours."
    )
    forget = button(texts.say("Forget me"), ForgetPress(), discord.ButtonStyle.danger)
    row = ui.ActionRow(forget)
    return Card(Colour.REFUSED, ui.TextDisplay(said), ui.TextDisplay(stays), row)


def forgotten_card(texts: Texts) -> Card:
    said = texts.say("Done. Nothing here names you any more. The operator's backups may.")
    return notice(said, Colour.DONE)


def kept_text(texts: Texts) -> str:
    return texts.say("All that names you, in all servers. Nobody else sees this message.")


# ------------------------------------------------------------------------------------------------
# For the operator: in which servers it is.


MOST_GUILDS = 20
LONGEST_NAME = 40  # characters


def guilds_card(rows: Sequence[GuildRow], names: Mapping[int, str], texts: Texts) -> Card:
    """Those that cost the most first; `names` may lack some."""
    lines = [_guild(row, names.get(row.guild_id, ""), texts) for row in rows[:MOST_GUILDS]]
    if len(rows) > MOST_GUILDS:
        lines.append(
            texts.say(
                "… and {count} more: {command} lists all",
                count=len(rows) - MOST_GUILDS,
                command="`zeuxis guilds`",
            )
        )
    return Card(
        Colour.NEUTRAL,
        heading("🎨", texts.say("Servers, the last 30 days")),
        ui.TextDisplay("\n".join(lines) or texts.say("I am in no server yet.")),
    )


def _guild(row: GuildRow, name: str, texts: Texts) -> str:
    sign = "✅" if row.is_allowed else "⛔"
    pictures = texts.plural("{count} picture", "{count} pictures", count=row.pictures_30_days)
    cost = dollars(row.cost_micros_30_days)
    return f"{sign} `{row.guild_id}` {plain(name, LONGEST_NAME)} · {pictures} · {cost}"
