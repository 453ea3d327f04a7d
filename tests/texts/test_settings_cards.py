"""The panel keeps Discord's limits in every language, and its controls carry what they do."""

from __future__ import annotations

import discord
import pytest

from bot.features.settings.rules import For, Whose
from bot.features.settings.service import SettingsView
from bot.policy.changes import AuditEntry
from bot.policy.precedence import held_of, policy_of
from bot.policy.quotas import QuotaLimit, QuotaState
from bot.policy.rules import VALUES, Key, Scope
from bot.providers.zimage import OFFER
from bot.records import replace
from bot.refusals import Period, Unit
from bot.staff_refusals import SettingRefused
from bot.texts import LANGUAGES as CATALOGUES
from bot.texts import Texts, language_of
from bot.texts.settings_forms import LONGEST_TYPED, Panel, refused_items, settings_form
from bot.texts.settings_pages import LANGUAGE_NAMES, PAGES, Control, Page
from bot.texts.settings_panel import panel_card
from bot.texts.settings_words import SettingsLogTurn, log_card, undone_card
from tests.texts.records import LOCALES, check_form, check_message, texts_in

GUILD, ID, SEEN = 1303802874354807255, 1999999999999999999, 10**14
EVERYONE = [Whose(who=who, id=0 if who in (For.GUILD, For.EACH_CHANNEL) else ID) for who in For]
MANY = ",".join(str(ID - number) for number in range(25))
FULL = {"channels": MANY, "roles": MANY, "time_zone": "America/Argentina/ComodRivadavia"}


def full_panel(page: Page, whose: Whose) -> Panel:
    """Everything is set that can be, all ids are long and deleted, all is used."""
    rows = [(Scope.GUILD, GUILD, name, GUILD, value) for name, value in FULL.items()]
    policy = policy_of(rows)
    own = {whose.key(name, GUILD): "999999" for unit in Unit for name in whose.quotas(unit)}
    others = {Key(Scope.ROLE, ID - one, "role_pictures_per_day", GUILD): "1" for one in range(30)}
    set_here = {Key(Scope.GUILD, GUILD, name, GUILD): "1000000" for name in VALUES}
    states = tuple(
        QuotaState(
            limit=QuotaLimit(
                level=level, unit=unit, period=period, amount=999_999, by_staff=by_staff
            ),
            used=999_999,
            renews_at_us=10**15,
        )
        for level in {whose.level, Whose().level, Whose(who=For.MEMBER).level}
        for unit in Unit
        for period in Period
        for by_staff in (True, False)
    )
    view = SettingsView(
        policy=policy,
        held=held_of(rows),
        own={**set_here, **others, **own},
        seen=SEEN,
        states=states,
    )
    return Panel(
        page=page,
        whose=whose,
        guild_id=GUILD,
        channel_id=ID,
        view=view,
        offer=OFFER,
        gone=frozenset(ID - one for one in range(30)),
    )


def all_pages() -> list[tuple[Page, Whose]]:
    return [(page, whose) for page in PAGES for whose in EVERYONE if whose.who in page.whose]


def forms(page: Page, whose: Whose) -> list[Control]:
    return [one for one in page.shown(whose) if one.kind == "form"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("page", "whose"), all_pages())
def test_the_fullest_page_fits_into_a_message(page: Page, whose: Whose, locale: str) -> None:
    """Also with the refusal of its longest form before it."""
    panel, texts = full_panel(page, whose), Texts(locale)
    check_message(panel_card(panel, texts))
    for control in forms(page, whose):
        names = control.names(whose)
        wrong = [SettingRefused(name=name, expected="") for name in names]
        typed = dict.fromkeys(names, "`" * LONGEST_TYPED)
        said = refused_items(panel, control, wrong, typed, texts)
        check_message(panel_card(panel, texts, said))


def test_every_value_of_the_staff_s_is_on_some_page() -> None:
    """What may be set and is shown nowhere is set by nobody."""
    shown = {
        name
        for page, whose in all_pages()
        for control in page.shown(whose)
        for name in control.names(whose)
    }
    assert {name for name, rule in VALUES.items() if rule.staff} == shown


def test_a_guild_whose_id_ends_in_nothing_is_chosen_all_the_same() -> None:
    """No select asks for the role that is chosen already."""
    limits = next(one for one in PAGES if one.name == "limits")
    panel = replace(full_panel(limits, Whose(who=For.ROLE, id=10)), guild_id=10)
    card = panel_card(panel, Texts("en-US"))
    assert not [one for one in card.walk_children() if isinstance(one, discord.ui.RoleSelect)]


@pytest.mark.parametrize("who", [For.ROLE, For.CHANNEL, For.MEMBER])
def test_who_was_picked_stands_in_the_picker(who: For) -> None:
    """Unless Discord knows them no more."""
    limits = next(one for one in PAGES if one.name == "limits")
    for picked, shown in ((7, [7]), (ID - 1, [])):
        panel = full_panel(limits, Whose(who=who, id=picked))
        card = panel_card(panel, Texts("en-US")).to_components()  # type: ignore[no-untyped-call]  # its library's
        (picker,) = [row for row in card[0]["components"] if ":pick:" in str(row)]
        defaults = picker["components"][0].get("default_values", [])
        assert [int(one["id"]) for one in defaults] == shown


def test_what_each_channel_may_have_names_no_use_of_one_of_them() -> None:
    limits = next(one for one in PAGES if one.name == "limits")
    for who, count in ((For.EACH_CHANNEL, 0), (For.CHANNEL, 6)):
        whose = Whose(who=who, id=ID if who is For.CHANNEL else 0)
        said = texts_in(panel_card(full_panel(limits, whose), Texts("en-US")))
        assert said.count("used, renews") == count


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("page", "whose"), all_pages())
def test_every_form_is_one_that_discord_takes(page: Page, whose: Whose, locale: str) -> None:
    """Titles, labels and what is typed before."""
    panel, texts = full_panel(page, whose), Texts(locale)
    for control in forms(page, whose):
        form = settings_form(panel, control, texts, {})
        check_form(form)


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        id=number,
        at_us=10**15,
        tenant_id=GUILD,
        actor=str(ID),
        source="file",
        batch=number,
        undoes=1,
        key=Key(Scope.GUILD, GUILD, "channels", GUILD),
        was=MANY,
        became=MANY,
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_the_log_has_as_many_entries_as_fit(locale: str) -> None:
    """The rest is on the next page."""
    entries = [entry(number) for number in range(20, 0, -1)]
    card = log_card(entries, OFFER, Texts(locale), is_newest=False)
    check_message(card)
    shown = texts_in(card).count("\n- ")
    assert 5 < shown < 20
    older = f"zeuxis:settings-log:{20 - shown + 1}"
    assert older in {getattr(one, "custom_id", None) for one in card.walk_children()}
    assert SettingsLogTurn.read(older)
    check_message(undone_card(entries, OFFER, Texts(locale)))


def test_a_row_of_another_version_is_shown_as_it_stands() -> None:
    """Nothing of it is known."""
    odd = replace(entry(1), key=Key(Scope.GUILD, GUILD, "channels", GUILD), became="x`y")
    odd = replace(odd, key=odd.key._replace(name="of_tomorrow"))
    assert "`of_tomorrow`" in texts_in(undone_card([odd], OFFER, Texts("en-US")))


def test_a_limit_of_another_version_is_named_as_it_stands() -> None:
    """Also one of a span that there is not."""
    odd = replace(entry(1), key=Key(Scope.GUILD, GUILD, "guild_pictures_per_year", GUILD))
    assert "`guild_pictures_per_year`" in texts_in(undone_card([odd], OFFER, Texts("en-US")))


def test_whoever_was_forgotten_is_no_mention_of_nobody() -> None:
    """Neither as who has changed something nor as for whom it was set."""
    key = Key(Scope.MEMBER, 0, "member_pictures_per_day", GUILD)
    gone = replace(entry(1), key=key, actor="0", was="1", became="2")
    card = log_card([gone], OFFER, Texts("en-US"), is_newest=True)
    assert "<@0>" not in texts_in(card)
    assert texts_in(card).count("members who deleted their data") == 2


def test_every_language_can_be_chosen() -> None:
    """Those of the catalogues, and English."""
    assert {language_of(one) for one in LANGUAGE_NAMES} == {"en", *CATALOGUES}
