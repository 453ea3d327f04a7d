"""Domain values and errors become cards and texts, in the member's language; nothing is decided
here and nothing is awaited. Whoever holds a card sends it.

This is the words of Zeuxis, in every language that it speaks.

English sentences stand in the code and are the keys of gettext catalogues, which the standard
library reads: `locales/<language>/LC_MESSAGES/zeuxis.po` is edited, `zeuxis.mo` beside it is
compiled from it and committed too. Relative times are Discord's own `<t:…:R>`, which each client
shows in its own language, so nothing here needs locale data. Members' own words stand within ours
without any power.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.visible import is_hidden, trimmed

if TYPE_CHECKING:
    import discord


LOCALES = Path(__file__).with_name("locales")
DOMAIN = "zeuxis"
ENGLISH = "en"

# Discord's locale to catalogue; others fall back by their language alone.
_BY_LOCALE = {
    "de": "de",
    "es": "es_ES",
    "fr": "fr",
    "ja": "ja",
    "ko": "ko",
    "pt": "pt_BR",
    "zh": "zh_CN",
    "zh-HK": "zh_TW",
    "zh-MO": "zh_TW",
    "zh-TW": "zh_TW",
}
LANGUAGES = tuple(sorted(set(_BY_LOCALE.values())))
_DECIMAL_COMMA = frozenset({"de", "es_ES", "fr", "pt_BR"})


def language_of(locale: str) -> str:
    """The catalogue for a locale of Discord's; English where there is none."""
    return _BY_LOCALE.get(locale) or _BY_LOCALE.get(locale.partition("-")[0], ENGLISH)


class Texts:
    """Speaks one language. Cheap to make: catalogues are read once in a process."""

    def __init__(self, locale: str) -> None:
        self.language = language_of(locale)
        self._catalogue = _catalogue(self.language)

    def say(self, text: str, /, **values: object) -> str:
        """The text in this language, its `{names}` filled in."""
        return self._catalogue.gettext(text).format(**values)

    def plural(self, one: str, many: str, /, *, count: int, **values: object) -> str:
        """The form that this language uses for `count`, filled in; `{count}` is the number."""
        return self._catalogue.ngettext(one, many, count).format(count=count, **values)

    def number(self, value: float, *, decimals: int) -> str:
        text = f"{value:.{decimals}f}"
        return text.replace(".", ",") if self.language in _DECIMAL_COMMA else text

    def about(self, seconds: float) -> str:
        """A wait, as exactly as it is known: nobody can promise seconds out of minutes."""
        if seconds < 10:
            return self.say("a few seconds")
        if seconds < 90:
            return self.say("about {seconds} s", seconds=round(seconds / 5) * 5)
        if seconds < 5400:
            return self.say("about {minutes} min", minutes=round(seconds / 60))
        return self.say("about {hours} h", hours=self.number(seconds / 3600, decimals=1))


Say: TypeAlias = Callable[[Texts], str]


def deferred(text: str, /) -> Say:
    """`say`, for a language that is known later."""
    return lambda texts: texts.say(text)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALES, languages=[language])


def relative(at_us: int) -> str:
    """An instant as each reader's own client says it: "in 2 minutes", "vor 3 Tagen"."""
    return f"<t:{at_us // 1_000_000}:R>"


# ------------------------------------------------------------------------------------------------
# Command descriptions in every language, out of the same catalogues as the replies.
#
# Names stay English: a member who is told to try `/imagine` must find it, whatever the language of
# their Discord, and people show each other commands across languages. Those of menus are never
# typed, so they are translated.


_DESCRIPTIONS = (
    Location.command_description,
    Location.group_description,
    Location.parameter_description,
    Location.choice_name,
)


def described(text: str, /, **values: str) -> app_commands.locale_str:
    """An English description, `{names}` filled in, that can be said in other languages too."""
    return app_commands.locale_str(text.format(**values), text=text, values=values)


class CatalogueTranslator(app_commands.Translator):
    """Answers discord.py while it registers the commands."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        if language_of(locale.value) == ENGLISH:
            return None  # soon: thousands are asked for
        is_menu = isinstance(context.data, app_commands.ContextMenu)
        if not is_menu and context.location not in _DESCRIPTIONS:
            return None
        texts = Texts(locale.value)
        text: str = string.extras.get("text", string.message)
        values: dict[str, str] = string.extras.get("values", {})
        said = texts.say(text, **values)
        return said if said != string.message else None


# ------------------------------------------------------------------------------------------------
# A member's words inside ours: shown, and powerless.
#
# A prompt may not mention anybody, link anywhere, end the quote that it stands in, turn the line
# around or pass for one of our labels. So it becomes one line without invisible characters, and
# what Discord's markdown would read as markup gets a backslash. A code block would need no
# backslashes, but it is set in type that wraps badly on a phone, and a prompt is prose.


_JOINERS = "\u200c\u200d"  # of no width, yet emoji, Persian and the scripts of India need them
_BREAKS = frozenset({"Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 4  # on one letter: no language stacks more, and piles of them cover other lines

_MARKUP = frozenset("\\`*_~|<>[]@")
_LINK = re.compile(r":(?=//)")
_EVERYBODY = re.compile(r"@(?=everyone|here)")
_LINE_START = re.compile(r"[#+-]|\d+[.)]")


def plain(text: str, limit: int) -> str:
    """One line of visible characters, at most `limit` of them; for where no markdown is read."""
    return _cut(list(_one_line(text)), limit)


def escaped(text: str, limit: int) -> str:
    """One line that reads like `plain` where markdown is read, at most `limit` characters."""
    return _cut(_pieces(_one_line(text)), limit)


def quoted(text: str, limit: int) -> str:
    """A block quote of one line, at most `limit` characters with its mark."""
    return "> " + escaped(text, limit - 2)


def _cut(pieces: list[str], limit: int) -> str:
    """Joins as many whole pieces as fit, with an ellipsis if some do not."""
    lengths = list(accumulate(map(len, pieces)))
    if not lengths or lengths[-1] <= limit:
        return "".join(pieces)
    kept = pieces[: bisect_right(lengths, limit - 1)]
    return "".join(kept).rstrip(" " + _JOINERS) + "…"


def _one_line(text: str) -> str:
    visible = "".join(_visible(" ".join(trimmed(text).split())))
    return " ".join(visible.split()).rstrip(_JOINERS)


def _visible(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if character in _JOINERS:
            kept.append(character)
        elif category in _MARKS:
            marks += 1
            kept += character * (marks <= _MOST_MARKS)
        elif category not in _BREAKS and not is_hidden(character):
            marks = 0
            kept.append(character)
    return kept


def _pieces(line: str) -> list[str]:
    """Each character as Discord's markdown has to be told it."""
    pieces = ["\\" + one if one in _MARKUP else one for one in line]
    for found in _LINK.finditer(line):
        pieces[found.start()] = "\\:"
    for found in _EVERYBODY.finditer(line):
        # The backslash keeps clients from showing a mention, the blank servers from finding one.
        pieces[found.start()] = "\\@\u200b"
    start = _LINE_START.match(line)
    if start:
        pieces[start.end() - 1] = "\\" + line[start.end() - 1]
    return pieces
