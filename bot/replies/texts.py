"""The words of Zeuxis, in every language that it speaks.

English sentences stand in the code and are the keys of gettext catalogues, which the standard
library reads: `locales/<language>/LC_MESSAGES/zeuxis.po` is edited, `zeuxis.mo` beside it is
compiled from it and committed too. Relative times are Discord's own `<t:…:R>`, which each client
shows in its own language, so nothing here needs locale data.
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

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


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALES, languages=[language])


def relative(at_us: int) -> str:
    """An instant as each reader's own client says it: "in 2 minutes", "vor 3 Tagen"."""
    return f"<t:{at_us // 1_000_000}:R>"
