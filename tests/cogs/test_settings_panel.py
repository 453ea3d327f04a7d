"""The panel of `/settings`: each page, control and form, for staff alone, over real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord import ui

from bot.policy.changes import Author, Change
from bot.policy.rows import Asking
from bot.policy.rules import LANGUAGES, CheckedBy, Key, ResultsIn, Scope, UsageReaders, quota_name
from bot.providers.image import Size
from bot.refusals import Level, Period, Unit
from bot.texts import Texts
from bot.texts.cards import Card, Colour
from bot.texts.settings_pages import PAGES
from bot.texts.settings_panel import panel_button
from cogs import setup_cogs
from tests.cogs.conftest import connected
from tests.cogs.moderator import MEMBER, MODERATOR, NOT_STAFF, OWNER, Staff, channel, press_id, role
from tests.cogs.playing import is_private, parts, words

SEND_MESSAGES, ATTACH_FILES = 1 << 11, 1 << 15

if TYPE_CHECKING:
    from bot.client import ImageBot
    from bot.features.settings.service import SettingsService
    from cogs import Services
    from tests.cogs.playing import Scene


@pytest.fixture
def staff(scene: Scene, settings: SettingsService) -> Staff:
    """Of the first guild."""
    return Staff(scene, settings)


# ------------------------------------------------------------------------------------------------
# Every page and control


async def test_every_page_says_what_holds_and_from_where(staff: Staff) -> None:
    """Privately; at first all of it is the default."""
    await staff.open()
    assert is_private(staff.message)
    for page in PAGES:
        await staff.use("page", [page.name])
        said = staff.said
        assert page.title(Texts("en-US")) in said
        for control in page.controls:
            assert control.label(Texts("en-US")) in said
    assert "by default" in said


async def test_channels_and_roles_are_chosen_and_shown_as_chosen(staff: Staff) -> None:
    """And given back by choosing none."""
    one, two = (channel(staff.scene, name) for name in ("pictures", "studio"))
    keeper = role(staff.scene, "Keeper")
    await staff.open("where")
    await staff.use("set:where:channels", [one, two])
    await staff.use("set:where:roles", [keeper])
    assert await staff.own() == {"channels": f"{one},{two}", "roles": keeper}
    defaults = [each["id"] for each in staff.control("set:where:channels")["default_values"]]
    assert defaults == [one, two]
    assert staff.control("set:where:roles")["default_values"] == [{"id": keeper, "type": "role"}]
    assert "set for this server" in staff.said
    await staff.use("set:where:channels", [])
    await staff.use("reset:where:roles")
    assert await staff.own() == {}


@pytest.mark.parametrize(
    ("page", "name", "values"),
    [
        ("pictures", "default_size", ["1280*720", "1024*1024"]),
        ("locality", "language", list(LANGUAGES)),
        ("members", "results_in", list(ResultsIn)),
        ("members", "usage_readers", list(UsageReaders)),
    ],
)
async def test_a_choice_is_set_and_taken_back(
    staff: Staff, page: str, name: str, values: list[str]
) -> None:
    """Each of what is offered."""
    await staff.open(page)
    for value in values:
        await staff.use(f"set:{page}:{name}", [value])
        assert (await staff.own())[name] == value
        (chosen,) = [
            one for one in staff.control(f"set:{page}:{name}")["options"] if one.get("default")
        ]
        assert chosen["value"] == value
    await staff.use(f"reset:{page}:{name}")
    assert await staff.own() == {}


async def test_the_servers_own_language_is_a_choice(staff: Staff) -> None:
    """It takes the row away."""
    await staff.open("locality")
    await staff.use("set:locality:language", ["ja"])
    await staff.use("set:locality:language", ["-"])
    assert await staff.own() == {}


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("pictures", "rewriting_allowed"),
        ("pictures", "rewrite_by_default"),
        ("members", "pings"),
        ("members", "preview"),
    ],
)
async def test_a_switch_goes_on_and_off(staff: Staff, page: str, name: str) -> None:
    """Its button says what it would do."""
    await staff.open(page)
    was_on = any(one.startswith(f"zeuxis:settings:off:{page}:{name}:") for one in staff.ids())
    for is_on in (not was_on, was_on):
        await staff.use(f"{'on' if is_on else 'off'}:{page}:{name}")
        assert (await staff.own())[name] == str(is_on).lower()


@pytest.mark.parametrize(
    ("page", "name", "typed", "row", "filled"),
    [
        ("limits", "cooldown_s", "９０", "90", "90"),
        ("pictures", "largest_area_px", "1536 x 1536", str(1536**2), "1536*1536"),
        ("pictures", "largest_area_px", "1280", str(1280**2), "1280*1280"),
        ("pictures", "largest_area_px", "1048577", "1048577", "1048577"),
        ("locality", "time_zone", "europe/berlin", "Europe/Berlin", "Europe/Berlin"),
    ],
)
async def test_a_value_is_typed_and_comes_back_filled_in(
    staff: Staff, page: str, name: str, typed: str, row: str, filled: str
) -> None:
    """Emptied, the row is gone."""
    await staff.open(page)
    assert (await staff.form(f"open:{page}:{name}"))[name] in (None, "")
    await staff.submit(**{name: typed})
    assert await staff.own() == {name: row}
    assert (await staff.form(f"open:{page}:{name}"))[name] == filled
    await staff.submit(**{name: ""})
    assert await staff.own() == {}


async def test_a_size_holds_for_one_channel(staff: Staff) -> None:
    """There alone, and said so there."""
    studio = int(channel(staff.scene, "studio"))
    await staff.open("pictures", channel="studio")
    await staff.use("whose", [f"c{studio}"])
    await staff.use("set:pictures:default_size", ["1536*1536"])
    assert "set for this channel" in staff.said
    assert await staff.own(Scope.CHANNEL, studio) == {"default_size": "1536*1536"}
    await staff.use("whose", ["g0"])
    policy = (await staff.settings.view(Asking(staff.guild))).policy
    assert policy.default_size != Size(1536, 1536)


# ------------------------------------------------------------------------------------------------
# Limits


@pytest.mark.parametrize("who", ["server", "everybody", "role", "each", "channel", "member"])
async def test_limits_are_set_for_whomever_is_chosen(staff: Staff, who: str) -> None:
    """In pictures and in money, by hour, day and month; shown again in both."""
    keeper, here = role(staff.scene, "Keeper"), channel(staff.scene, "pictures")
    studio, ada = channel(staff.scene, "studio"), staff.scene.control.member(0)
    level, scope, scope_id, choice, picked = {
        "server": (Level.GUILD, Scope.GUILD, staff.guild, "g0", None),
        "everybody": (Level.ROLE, Scope.ROLE, staff.guild, f"r{staff.guild}", None),
        "role": (Level.ROLE, Scope.ROLE, int(keeper), "r0", keeper),
        "each": (Level.CHANNEL, Scope.GUILD, staff.guild, "e0", None),
        "channel": (Level.CHANNEL, Scope.CHANNEL, int(studio), "c0", studio),
        "member": (Level.MEMBER, Scope.MEMBER, int(ada), "m0", ada),
    }[who]
    assert here
    await staff.open("limits")
    await staff.use("whose", [choice])
    if picked is not None:
        assert not [one for one in staff.ids() if ":open:" in one], "nobody is chosen yet"
        await staff.use("pick", [picked])
        assert staff.control("pick")["default_values"][0]["id"] == picked
    hour, day, month = (quota_name(level, Unit.PICTURES, one) for one in Period)
    await staff.form("open:limits:pictures")
    await staff.submit(**{hour: "1", day: "50", month: "-1"})
    a_day = quota_name(level, Unit.MICROS, Period.DAY)
    await staff.form("open:limits:money")
    await staff.submit(**{a_day: "$ 1,50"})
    expected = {hour: "1", day: "50", month: "-1", a_day: "1500000"}
    assert await staff.own(scope, scope_id) == expected
    for said in ("1 picture an hour", "50 pictures a day", "no limit", "pictures for $1.50 a day"):
        assert said in staff.said
    assert (await staff.form("open:limits:money"))[a_day] == "1.50"
    await staff.use("reset:limits:money")
    await staff.use("reset:limits:pictures")
    assert await staff.own(scope, scope_id) == {}


async def test_what_is_used_and_what_the_operator_allows_is_shown(staff: Staff) -> None:
    """At present, with when it renews."""
    operator = Key(Scope.GUILD, staff.guild, "guild_pictures_per_day")
    author = Author(actor="operator", source="command line")
    await staff.settings.change([Change(key=operator, value=200)], author)
    await staff.scene.imagine()
    await staff.open("limits")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_day="50")
    assert "50 pictures a day · 1 used, renews <t:" in staff.said
    assert "Whoever runs the bot allows: 200 pictures a day, 1 used" in staff.said


async def test_those_for_whom_limits_are_set_are_listed(staff: Staff) -> None:
    """On the server's own page."""
    keeper = role(staff.scene, "Keeper")
    await staff.open("limits")
    await staff.use("whose", ["r0"])
    await staff.use("pick", [keeper])
    await staff.form("open:limits:pictures")
    await staff.submit(role_pictures_per_day="3")
    await staff.use("whose", ["g0"])
    assert f"Limits are also set for: <@&{keeper}>" in staff.said


# ------------------------------------------------------------------------------------------------
# Moderation


@pytest.mark.parametrize("who", ["server", "role", "channel", "member"])
async def test_review_is_set_for_whomever_is_chosen(staff: Staff, who: str) -> None:
    keeper, studio = role(staff.scene, "Keeper"), channel(staff.scene, "studio")
    ada = staff.scene.control.member(0)
    scope, scope_id, choice, picked, said = {
        "server": (Scope.GUILD, staff.guild, "g0", None, "set for this server"),
        "role": (Scope.ROLE, int(keeper), "r0", keeper, "set for this role"),
        "channel": (Scope.CHANNEL, int(studio), "c0", studio, "set for this channel"),
        "member": (Scope.MEMBER, int(ada), "m0", ada, "set for this member"),
    }[who]
    await staff.open("moderation")
    await staff.use("whose", [choice])
    if picked is not None:
        await staff.use("pick", [picked])
    await staff.use("set:moderation:review", ["always"])
    assert await staff.own(scope, scope_id) == {"review": "always"}
    assert said in staff.said
    await staff.use("whose", ["g0"])
    assert ("Review is also set for: " in staff.said) is (who != "server")
    assert "no channel is chosen: find them with /moderation queue." in staff.said


async def test_a_staff_channel_into_which_the_bot_cannot_post_is_told(staff: Staff) -> None:
    """With what is lacking; nothing is told of one in which it can."""
    general = channel(staff.scene, "general")
    await staff.open("moderation")
    await staff.use("set:moderation:staff_channel", [general])
    assert "I could not post pictures there." not in staff.said
    await deny_the_bot(staff.scene, "general", SEND_MESSAGES | ATTACH_FILES)
    await staff.use("page", ["moderation"])
    assert "I could not post pictures there. I lack: Send Messages, Attach Files." in staff.said


async def test_a_staff_channel_that_was_deleted_is_told(staff: Staff) -> None:
    studio = channel(staff.scene, "studio")
    await staff.open("moderation")
    await staff.use("set:moderation:staff_channel", [studio])
    assert "deleted in Discord" not in staff.said
    del staff.scene.sandbox.state.channels[studio]
    await staff.use("page", ["moderation"])
    assert "This channel was deleted in Discord. Choose another one" in staff.said


async def deny_the_bot(scene: Scene, name: str, rights: int) -> None:
    overwrite = {"id": scene.sandbox.state.bot_id, "type": 1, "deny": str(rights)}
    path = f"/channels/{channel(scene, name)}"
    assert (await scene.control.call("PATCH", path, {"overwrites": [overwrite]})).status == 200


async def test_numbers_are_typed_and_said_with_their_unit(staff: Staff) -> None:
    await staff.open("moderation")
    await staff.form("open:moderation:newcomer_days")
    await staff.submit(newcomer_days="7")
    await staff.form("open:moderation:review_rejects_after_h")
    await staff.submit(review_rejects_after_h="48")
    assert "**Newcomers** · 7 days" in staff.said
    assert "**Rejected by itself** · after 48 h" in staff.said
    await staff.form("open:moderation:newcomer_days")
    await staff.submit(newcomer_days="a week")
    assert "**Newcomers** cannot be that." in staff.said
    assert await staff.own() == {"newcomer_days": "7", "review_rejects_after_h": "48"}


async def test_scores_that_contradict_each_other_are_refused(staff: Staff) -> None:
    await staff.open("checks")
    await staff.form("open:checks:check_refuse_percent")
    await staff.submit(check_refuse_percent="40")
    assert "**Pictures refused from** cannot be that." in staff.said
    assert "Not below what holds it." in staff.said
    assert await staff.own() == {}


async def test_only_checks_that_the_operator_has_set_up_are_offered(staff: Staff) -> None:
    """Of a service abroad it is said that pictures go there."""
    await staff.open("checks")
    offered = [one["value"] for one in staff.control("set:checks:picture_check")["options"]]
    assert offered == ["nothing"]
    staff.settings.checks = frozenset({CheckedBy.OPENAI})
    await staff.use("page", ["checks"])
    options = staff.control("set:checks:picture_check")["options"]
    assert [one["value"] for one in options] == ["nothing", "openai"]
    assert options[1]["label"] == "OpenAI, abroad: each picture is sent there"
    await staff.use("set:checks:picture_check", ["openai"])
    assert await staff.own() == {"picture_check": "openai"}


# ------------------------------------------------------------------------------------------------
# Who may


async def test_a_plain_member_is_refused(scene: Scene) -> None:
    """By Discord's own client, and by the bot where a guild's staff let members call it."""
    refused = await scene.control.act("command", name="settings panel", member=MEMBER)
    assert "interaction_id" not in refused


@pytest.mark.parametrize("name", ["panel", "log", "undo", "export", "import"])
async def test_a_member_whom_the_guild_lets_call_it_is_refused_too(staff: Staff, name: str) -> None:
    """A guild may open commands to anybody; what they do stays for staff."""
    (command,) = [
        one for one in staff.scene.sandbox.state.commands.values() if one.name == "settings"
    ]
    command.default_member_permissions = None
    await staff.open("members")
    await staff.use("on:members:pings")
    options = {"file": {"filename": "a.json", "content_base64": "e30="}} if name == "import" else {}
    seen = await staff.scene.command(f"settings {name}", member=MEMBER, options=options)
    (message,) = seen["messages"]
    assert words(message) == NOT_STAFF
    assert is_private(message)
    assert await staff.own() == {"pings": "true"}


async def test_whoever_loses_the_right_is_refused_at_the_press(staff: Staff) -> None:
    """Whatever they press, and forms too; nothing is changed, nothing is shown."""
    await staff.open("pictures")
    await staff.form("open:pictures:largest_area_px")
    guild = staff.scene.sandbox.state.guilds[str(staff.guild)]
    guild.members[staff.scene.control.member(MODERATOR)].role_ids.clear()
    seen = await staff.used("page", ["limits"])
    assert words(seen["messages"][-1]) == NOT_STAFF
    for act, values in (
        ("off:pictures:rewriting_allowed", None),
        ("open:pictures:largest_area_px", None),
    ):
        seen = await staff.used(act, values)
        assert words(seen["messages"][-1]) == NOT_STAFF
        assert seen["modal"] is None
    await staff.submit(largest_area_px="1280*1280")
    assert staff.said == NOT_STAFF
    assert await staff.own() == {}


async def test_whoever_loses_the_right_turns_no_page_of_the_log_either(staff: Staff) -> None:
    """Nothing of it is shown."""
    await staff.open("members")
    for _ in range(8):
        await staff.use("on:members:pings")
        await staff.use("off:members:pings")
    (staff.message,) = (await staff.scene.command("settings log", member=MODERATOR))["messages"]
    guild = staff.scene.sandbox.state.guilds[str(staff.guild)]
    guild.members[staff.scene.control.member(MODERATOR)].role_ids.clear()
    (older,) = [one for one in staff.ids() if "settings-log" in one]
    await press_id(staff, older)
    assert staff.said == NOT_STAFF


async def test_staff_of_another_guild_see_and_change_their_own_alone(staff: Staff) -> None:
    """What the first guild has set is nowhere on their panel."""
    await staff.open("limits")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_day="12345")
    other = staff.scene.control.addresses["guilds"][1]
    started = await staff.scene.control.act(
        "command",
        name="settings panel",
        guild_id=other["id"],
        channel=other["channels"][0]["id"],
        user_id=other["members"][3]["id"],
    )
    await staff.scene.acknowledged(started)
    (panel,) = (await staff.scene.seen(started))["messages"]
    (page,) = [one["custom_id"] for one in parts(panel) if ":page:" in (one.get("custom_id") or "")]
    started = await staff.scene.control.act(
        "component",
        guild_id=other["id"],
        channel=panel["channel_id"],
        user_id=other["members"][3]["id"],
        message_id=panel["id"],
        custom_id=page,
        values=["limits"],
    )
    await staff.scene.acknowledged(started)
    assert "12345" not in words((await staff.scene.seen(started))["messages"][-1])
    assert (await staff.settings.view(Asking(int(other["id"])))).own == {}


async def test_a_button_anywhere_opens_a_panel_for_staff_alone(staff: Staff) -> None:
    """Each has one of their own; the message stays as it is."""
    place = staff.scene.bot.get_partial_messageable(int(channel(staff.scene, "pictures")))
    row: ui.ActionRow[Card] = ui.ActionRow(panel_button(Texts("en-US")))
    sent = await place.send(view=Card(Colour.NEUTRAL, row))
    shown = (await staff.scene.control.messages("pictures"))[-1]
    assert shown["id"] == str(sent.id)
    for member, expected in ((MEMBER, NOT_STAFF), (MODERATOR, "Settings · Who and where")):
        presser = Staff(staff.scene, staff.settings, member)
        presser.message = shown
        answer = (await presser.used("page"))["messages"][-1]
        assert expected in words(answer)
        assert is_private(answer)
    assert (await staff.scene.control.messages("pictures"))[-1]["id"] == shown["id"]


async def test_a_control_of_another_version_is_answered(staff: Staff) -> None:
    """Of a page or a value that is no more."""
    place = staff.scene.bot.get_partial_messageable(int(channel(staff.scene, "pictures")))
    for custom_id in (
        "zeuxis:settings:page:yesterday:-:g0:0",
        "zeuxis:settings:on:yesterday:pings:g0:0",
    ):
        button: ui.Button[Card] = ui.Button(label="?", custom_id=custom_id)
        await place.send(view=Card(Colour.NEUTRAL, ui.ActionRow(button)))
        staff.message = (await staff.scene.control.messages("pictures"))[-1]
        seen = await staff.used(custom_id.removeprefix("zeuxis:settings:").rpartition(":")[0])
        assert "I no longer know this button" in words(seen["messages"][-1])


async def test_what_the_operator_holds_off_cannot_be_switched_on(staff: Staff) -> None:
    """Its button is grey, since nothing would come of it."""
    off = Key(Scope.GUILD, staff.guild, "rewriting_allowed")
    author = Author(actor="operator", source="command line")
    await staff.settings.change([Change(key=off, value=False)], author)
    await staff.open("pictures")
    assert "as whoever runs the bot has it for this server" in staff.said
    assert staff.control("on:pictures:rewriting_allowed")["disabled"]


async def test_a_list_of_more_than_a_select_holds_is_shown_and_given_back(staff: Staff) -> None:
    """An import may bring one; no select could leave the rest as it is."""
    ids = tuple(range(10**18, 10**18 + 30))
    key = Key(Scope.GUILD, staff.guild, "roles", staff.guild)
    author = Author(actor="7", source="file")
    await staff.settings.change([Change(key=key, value=ids)], author)
    await staff.open("where")
    assert "changed by /settings import" in staff.said
    assert not [one for one in staff.ids() if ":set:where:roles" in one]
    await staff.use("reset:where:roles")
    assert await staff.own() == {}


async def test_two_moderators_do_not_undo_each_others_work_unknowingly(
    staff: Staff, settings: SettingsService
) -> None:
    """The second is told who has changed it and what holds; pressed again, it is changed."""
    other = Staff(staff.scene, settings, OWNER)
    await staff.open("members")
    await other.open("members")
    await staff.use("set:members:results_in", ["daily"])
    await other.use("set:members:results_in", ["channel"])
    moderator = staff.scene.control.member(MODERATOR)
    assert f"<@{moderator}> has changed **Where pictures go**" in other.said
    assert "It is now A thread for each member and day." in other.said
    assert (await staff.own())["results_in"] == "daily"
    await other.use("set:members:results_in", ["channel"])
    assert (await staff.own())["results_in"] == "channel"


async def test_two_forms_at_once_save_one(staff: Staff, settings: SettingsService) -> None:
    """Of the other nothing, not even the value that nobody else has changed."""
    other = Staff(staff.scene, settings, OWNER)
    await staff.open("limits")
    await other.open("limits")
    await other.form("open:limits:pictures")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_day="50")
    await other.submit(guild_pictures_per_day="60", guild_pictures_per_hour="5")
    assert "has changed **Pictures a day**" in other.said
    assert await staff.own() == {"guild_pictures_per_day": "50"}


async def test_a_panel_works_after_a_restart(staff: Staff, services: Services) -> None:
    """Controls and forms carry what they mean; no process remembers them."""
    await staff.open("limits")
    await staff.form("open:limits:pictures")
    await staff.scene.bot.close()

    async def prepare(bot: ImageBot) -> None:
        await setup_cogs(bot, services)

    async with connected(staff.scene.sandbox, prepare):
        await staff.submit(guild_pictures_per_day="50")
        assert await staff.own() == {"guild_pictures_per_day": "50"}
        await staff.use("page", ["members"])
        await staff.use("on:members:pings")
        assert (await staff.own())["pings"] == "true"


# ------------------------------------------------------------------------------------------------
# Bad input


@pytest.mark.parametrize("typed", ["abc", "1.5", "-2", "1000001", "9" * 40, "1e3", "½", "5 5"])
async def test_what_is_no_number_of_pictures_comes_back_with_what_was_typed(
    staff: Staff, typed: str
) -> None:
    """Of several fields nothing is saved; a button opens the form as it was."""
    await staff.open("limits")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_hour="5", guild_pictures_per_day=typed)
    assert "**Pictures a day** cannot be that. A whole number" in staff.said
    assert await staff.own() == {}
    again = await staff.form("again:limits:pictures")
    assert again["guild_pictures_per_day"] == typed
    assert again["guild_pictures_per_hour"] == "5"
    await staff.submit(guild_pictures_per_hour="5", guild_pictures_per_day="50")
    assert await staff.own() == {"guild_pictures_per_hour": "5", "guild_pictures_per_day": "50"}
    assert "cannot be" not in staff.said


async def test_what_was_emptied_is_still_empty_when_it_is_corrected(staff: Staff) -> None:
    """Not filled with what is set."""
    await staff.open("limits")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_hour="5")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_hour="", guild_pictures_per_day="x")
    again = await staff.form("again:limits:pictures")
    assert (again["guild_pictures_per_hour"] or "", again["guild_pictures_per_day"]) == ("", "x")


async def test_a_form_that_is_corrected_does_not_hide_what_another_has_set_meanwhile(
    staff: Staff, settings: SettingsService
) -> None:
    """It shows what was typed, and what holds nowhere."""
    other = Staff(staff.scene, settings, OWNER)
    await other.open("limits")
    await other.form("open:limits:pictures")
    await other.submit(guild_pictures_per_day="x")
    await staff.open("limits")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_day="50")
    await other.form("again:limits:pictures")
    await other.submit(guild_pictures_per_day="60")
    assert "has changed **Pictures a day**" in other.said
    assert await staff.own() == {"guild_pictures_per_day": "50"}


@pytest.mark.parametrize("typed", ["1,000", "1.500", "$", "-5", "1.2.3", "12345678", "1 € 50"])
async def test_sums_that_may_mean_two_things_or_nothing_are_refused(
    staff: Staff, typed: str
) -> None:
    """A thousand to some is one to others."""
    await staff.open("limits")
    await staff.form("open:limits:money")
    await staff.submit(guild_micros_per_day=typed)
    assert "**Dollars a day** cannot be that." in staff.said
    assert await staff.own() == {}


@pytest.mark.parametrize(
    ("typed", "meant"), [("Berlin", "Europe/Berlin"), ("Europe/Berlni", "Europe/Berlin")]
)
async def test_a_wrong_time_zone_is_answered_with_near_ones(
    staff: Staff, typed: str, meant: str
) -> None:
    """A city is enough to find it."""
    await staff.open("locality")
    await staff.form("open:locality:time_zone")
    await staff.submit(time_zone=typed)
    assert f"`{meant}`" in staff.said
    assert await staff.own() == {}


async def test_values_that_contradict_each_other_are_refused(staff: Staff) -> None:
    """Typed or chosen."""
    await staff.open("pictures")
    await staff.form("open:pictures:largest_area_px")
    await staff.submit(largest_area_px="512*512")
    assert "**Largest size** cannot be that." in staff.said
    await staff.form("open:pictures:largest_area_px")
    await staff.submit(largest_area_px="1024*1024")
    await staff.use("set:pictures:default_size", ["1536*1536"])
    assert "cannot be that. Z-Image must paint it" in staff.said
    assert await staff.own() == {"largest_area_px": str(1024**2)}


async def test_deleted_roles_and_channels_are_shown_and_forgotten_by_a_button(
    staff: Staff,
) -> None:
    """In the rule of who and where, and among the limits."""
    state = staff.scene.sandbox.state
    studio, keeper = channel(staff.scene, "studio"), role(staff.scene, "Keeper")
    pictures = channel(staff.scene, "pictures")
    await staff.open("where")
    await staff.use("set:where:channels", [pictures, studio])
    await staff.use("page", ["limits"])
    await staff.use("whose", ["r0"])
    await staff.use("pick", [keeper])
    await staff.form("open:limits:pictures")
    await staff.submit(role_pictures_per_day="3")
    del state.channels[studio]
    del state.guilds[str(staff.guild)].roles[keeper]
    await staff.use("whose", ["g0"])
    assert f"Deleted in Discord: `{keeper}`" in staff.said
    await staff.use("drop:limits:limits")
    assert await staff.own(Scope.ROLE, int(keeper)) == {}
    await staff.use("page", ["where"])
    assert f"Deleted in Discord: `{studio}`" in staff.said
    assert [one["id"] for one in staff.control("set:where:channels")["default_values"]] == [
        pictures
    ]
    await staff.use("drop:where:channels")
    assert await staff.own() == {"channels": pictures}
    assert "Deleted" not in staff.said


async def test_what_discord_tells_nobody_for_a_while_keeps_no_panel_back(staff: Staff) -> None:
    """A pause that is longer than a request waits; what is gone is shown another time."""
    pictures = channel(staff.scene, "pictures")
    await staff.open()
    await staff.use("set:where:channels", [pictures])
    fault: dict[str, Any] = {
        "server": "discord",
        "kind": "rate_limited",
        "match": "GET */guilds/*/channels",
    }
    fault |= {"scope": "user", "retry_after": 90.0}
    await staff.scene.control.call("PUT", "/faults", [fault])
    await staff.open()
    assert f"<#{pictures}>" in staff.said
