"""Settings: read from the environment and .env, every problem at once, secrets never shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from bot.__main__ import start_logs
from bot.errors import SettingsError
from bot.policy.rules import Key, Scope
from bot.providers.zimage.wire import REGIONS
from bot.settings import Secret, Settings
from bot.settings.policy import policy_rows
from bot.settings.reading import NAMES, load_settings, near_names

ROOT = Path(__file__).parents[1]
ENOUGH = {"DISCORD_TOKEN": "token-of-the-bot", "DASHSCOPE_API_KEY": "sk-key"}
NOWHERE = Path("/nonexistent/.env")


def problems(environment: dict[str, str], dotenv: Path = NOWHERE) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load_settings(environment, dotenv=dotenv)
    return raised.value.problems


def test_two_secrets_are_enough() -> None:
    """Everything but the token and the key has a default."""
    settings = load_settings(ENOUGH, dotenv=NOWHERE)
    assert settings.zimage_base_url == "https://dashscope-intl.aliyuncs.com/api/v1"
    assert settings.zimage_requests_per_second == 2.0


def test_all_problems_are_listed_at_once_by_name() -> None:
    """An operator mends everything in one go."""
    found = problems(
        {
            "ZIMAGE_REQUESTS_PER_SECOND": "fast",
            "DASHSCOPE_REGION": "mars",
            "DEFAULT_SIZE": "1*1",
            "DISCORD_API_BASE_URL": "ftp://example",
            "REWRITE_BY_DEFAULT": "perhaps",
            "HEALTH_PORT": "70000",
        }
    )
    named = [line.split(":")[0] for line in found]
    assert sorted(named) == [
        "DASHSCOPE_API_KEY",
        "DASHSCOPE_REGION",
        "DEFAULT_SIZE",
        "DISCORD_API_BASE_URL",
        "DISCORD_TOKEN",
        "HEALTH_PORT",
        "REWRITE_BY_DEFAULT",
        "ZIMAGE_REQUESTS_PER_SECOND",
    ]
    assert all("expected" in line for line in found)


@pytest.mark.parametrize("rate", ["nan", "inf", "-1", "0", "1e9", "2,5"])
def test_a_rate_that_is_no_rate_is_refused(rate: str) -> None:
    """Nothing that would stop or flood the account gets through."""
    assert (
        "ZIMAGE_REQUESTS_PER_SECOND" in problems({**ENOUGH, "ZIMAGE_REQUESTS_PER_SECOND": rate})[0]
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZIMAGE_MAX_RUNNING", "1" + "0" * 30),
        ("MAX_WAITING_PER_GUILD", "1000000001"),
        ("MAX_EXPECTED_WAIT_S", "inf"),
        ("ZIMAGE_PRICE_USD", "15000"),
    ],
)
def test_a_number_beyond_any_sense_is_refused(name: str, value: str) -> None:
    """The database could not hold some of them."""
    (problem,) = problems({**ENOUGH, name: value})
    assert problem.startswith(f"{name}: expected ")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """A container's environment overrides what lies in the folder; empty is unset."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("DASHSCOPE_REGION=beijing\nZIMAGE_MODEL=from-file\nDISCORD_TOKEN=file\n")
    settings = load_settings(
        {**ENOUGH, "ZIMAGE_MODEL": "from-environment", "DASHSCOPE_REGION": ""}, dotenv=dotenv
    )
    assert settings.zimage_model == "from-environment"
    assert settings.discord_token.reveal() == "token-of-the-bot"


def test_a_misspelt_name_in_the_file_is_reported_with_the_likely_one(tmp_path: Path) -> None:
    """A setting that nobody reads is worse than an error."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("ZIMAGE_REQUEST_PER_SECOND=3\nCOMPOSE_PROJECT_NAME=mine\n")
    assert problems(ENOUGH, dotenv) == (
        "ZIMAGE_REQUEST_PER_SECOND: unknown setting, did you mean ZIMAGE_REQUESTS_PER_SECOND?",
    )


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("ALLOWED_GUILD", "ALLOWED_GUILDS"),
        ("BUDGET_PER_DAY", "BUDGET_PER_DAY_USD"),
        ("PICTURES_PER_MEMBER_A_DAY", "PICTURES_PER_MEMBER_PER_DAY"),
        ("operator", "OPERATORS"),
        ("TIMEZONE", "TIME_ZONE"),
        ("SHUTDOWN_GRACE", "SHUTDOWN_GRACE_S"),
    ],
)
def test_a_limit_that_is_misspelt_is_not_left_open(tmp_path: Path, slip: str, meant: str) -> None:
    """As ALLOWED_GUILD was, and every guild could draw."""
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"{slip}=5\n")
    assert problems(ENOUGH, dotenv) == (f"{slip}: unknown setting, did you mean {meant}?",)
    assert near_names({slip: "5"}) == {slip: meant}


def test_names_of_others_are_let_be(tmp_path: Path) -> None:
    others = ("HTTP_PROXY", "http_proxy", "https_proxy", "TZ", "PUID", "COMPOSE_FILE", "USER")
    dotenv = tmp_path / ".env"
    dotenv.write_text("".join(f"{name}=5\n" for name in others if name != "https_proxy"))
    load_settings(ENOUGH, dotenv=dotenv)
    assert near_names((*others, *NAMES, "DASHSCOPE_API_KEY_SECOND")) == {}


def test_weights_are_pairs_of_an_id_and_a_number() -> None:
    """Blanks may stand beside the commas."""
    given = {**ENOUGH, "GUILD_WEIGHTS": "123:3", "ROLE_WEIGHTS": "7:2, 8:0.5"}
    settings = load_settings(given, dotenv=NOWHERE)
    assert settings.guild_weights == {123: 3.0}
    assert settings.role_weights == {7: 2.0, 8: 0.5}


def test_ids_are_read_however_they_look() -> None:
    """Pasted from a chat, with what cannot be seen, or typed on a wide keyboard."""
    given = {**ENOUGH, "GUILD_WEIGHTS": "\u206612\u200b3：３，45:2\ufeff"}
    assert load_settings(given, dotenv=NOWHERE).guild_weights == {123: 3.0, 45: 2.0}


@pytest.mark.parametrize(
    "pairs", ["1", "1:2:3", "a:1", "1:0", "1:-1", "1:nan", "1:101", "1:2,1:3", "-1:2", ":2"]
)
def test_weights_that_are_none_are_refused(pairs: str) -> None:
    """An id that is there twice, too: which weight was meant?"""
    (problem,) = problems({**ENOUGH, "ROLE_WEIGHTS": pairs})
    assert problem.startswith("ROLE_WEIGHTS: expected ID:WEIGHT pairs")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (".aliyuncs.com", (".aliyuncs.com",)),
        ("*.aliyuncs.com", (".aliyuncs.com",)),
        ("aliyuncs.com", ("aliyuncs.com", ".aliyuncs.com")),
        ("aliyuncs.com/", ("aliyuncs.com", ".aliyuncs.com")),
        ("cdn.example.org", ("cdn.example.org",)),
        ("https://cdn.example.org", ("cdn.example.org",)),
        ("http://CDN.example.org:443/a.png?Signature=x", ("cdn.example.org",)),
        ("cdn.example.org:443", ("cdn.example.org",)),
        ("cdn.example.org.", ("cdn.example.org",)),
        ("https://*.oss-cn-beijing.aliyuncs.com/", (".oss-cn-beijing.aliyuncs.com",)),
        ("localhost", ("localhost",)),
        ("'.aliyuncs.com'", (".aliyuncs.com",)),
        (".a.org, .b.org,.a.org", (".a.org", ".b.org")),
    ],
)
def test_hosts_are_taken_as_they_are_meant(given: str, meant: tuple[str, ...]) -> None:
    """Stars, pasted links, a port that is the usual one, a domain for all that is below it."""
    settings = load_settings({**ENOUGH, "ZIMAGE_RESULT_HOSTS": given}, dotenv=NOWHERE)
    assert settings.zimage_result_hosts == meant


@pytest.mark.parametrize(
    "hosts",
    [
        *("*", ".", "*.", "..", "..aliyuncs.com", "a..b.org", ",", "https://", "://x.org", "/"),
        *("oss*.aliyuncs.com", "cdn.example.org:8443", "ftp://cdn.example.org", "a@b.org"),
        *("10.0.0.7", "203.0.113.5", "0x7f.1", "127.1", "2130706433", "[::1]", "::1", "a.org:"),
        *("a.org;b.org", "älii.com", "%2a.aliyuncs.com", "x" * 64 + ".org"),
    ],
)
def test_hosts_that_no_picture_can_come_from_are_refused(hosts: str) -> None:
    """Else every picture would be paid and thrown away; the answer shows how it is written."""
    (problem,) = problems({**ENOUGH, "ZIMAGE_RESULT_HOSTS": hosts})
    assert problem.startswith("ZIMAGE_RESULT_HOSTS: expected hosts")
    assert ".aliyuncs.com" in problem


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "ünïcode"])
def test_a_secret_with_blanks_inside_is_refused_without_showing_it(token: str) -> None:
    """A token pasted with its surroundings is the most common slip."""
    (problem,) = problems({**ENOUGH, "DISCORD_TOKEN": token})
    assert problem.startswith("DISCORD_TOKEN: expected one word")
    assert token not in problem


UNDERSTOOD = [
    ("LOG_LEVEL", "INFO", "log_level", "info"),
    ("LOG_FORMAT", "Json", "log_format", "json"),
    ("DASHSCOPE_REGION", "Beijing", "dashscope_region", "beijing"),
    ("DASHSCOPE_REGION", '"Singapore"', "dashscope_region", "singapore"),
    ("REWRITE_BY_DEFAULT", "FALSE", "rewrite_by_default", False),
    ("HEALTH_PORT", "'8080'", "health_port", 8080),
    ("ZIMAGE_MODEL", "Z-Image-Turbo", "zimage_model", "z-image-turbo"),
    ("ZIMAGE_MODEL", "qwen-image-Plus", "zimage_model", "qwen-image-Plus"),
    ("DISCORD_TOKEN", '"token-of-the-bot"', "discord_token", "token-of-the-bot"),
    ("DASHSCOPE_API_KEY", " 'sk-key' ", "dashscope_api_key", "sk-key"),
    ("DATABASE_URL", '"sqlite:///data/z.db"', "database_url", "sqlite:///data/z.db"),
    ("DATABASE_URL", "SQLite:///data/z.db", "database_url", "sqlite:///data/z.db"),
    ("DATABASE_URL", "sqlite:///~/z.db", "database_url", "sqlite:////home/someone/z.db"),
    (
        "DASHSCOPE_BASE_URL",
        "HTTPS://dashscope.aliyuncs.com/api/v1/",
        "dashscope_base_url",
        "HTTPS://dashscope.aliyuncs.com/api/v1/",
    ),
    (
        "DASHSCOPE_BASE_URL",
        "https://proxy.example/models",
        "dashscope_base_url",
        "https://proxy.example/models",
    ),
]


@pytest.mark.parametrize(("name", "text", "field", "value"), UNDERSTOOD)
def test_what_was_clearly_meant_is_understood(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, field: str, value: object
) -> None:
    """Capital letters; quotes, which `docker --env-file` hands on; a home folder."""
    monkeypatch.setenv("HOME", "/home/someone")
    settings = load_settings({**ENOUGH, name: text}, dotenv=NOWHERE)
    found = getattr(settings, field)
    assert (found.reveal() if isinstance(found, Secret) else found) == value


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.endswith("_URL") and name != "DATABASE_URL"]
)
def test_no_address_holds_a_password(name: str) -> None:
    """Each call would fail, and the address stands in logs."""
    scheme = "wss" if name == "DISCORD_GATEWAY_URL" else "https"
    (problem,) = problems({**ENOUGH, name: f"{scheme}://me:pw-1@proxy.example/api/v1"})
    assert problem == f"{name}: expected an address without a name and a password in it"


INTL = "https://dashscope-intl.aliyuncs.com"
NAMED = [
    ("DASHSCOPE_BASE_URL", INTL, f"try|expected.*{INTL}/api/v1$"),
    ("DASHSCOPE_BASE_URL", f"{INTL}/", "up to /api/v1"),
    ("DASHSCOPE_BASE_URL", f"{INTL}/api", "up to /api/v1"),
    ("DASHSCOPE_BASE_URL", f"{INTL}/compatible-mode/v1", f"OpenAI-compatible.*{INTL}/api/v1$"),
    ("DASHSCOPE_BASE_URL", "https://proxy.example/Compatible-Mode/v1/", "OpenAI-compatible"),
    (
        "DASHSCOPE_BASE_URL",
        f"{INTL}/api/v1/services/aigc/multimodal-generation/generation",
        f"whole endpoint.*{INTL}/api/v1$",
    ),
    ("DASHSCOPE_BASE_URL", f"{INTL}/api/v1?model=z-image-turbo", "whole endpoint"),
    ("DASHSCOPE_BASE_URL", "https://ws1.cn-beijing.maas.aliyuncs.com", "up to /api/v1"),
    ("DASHSCOPE_BASE_URL", "dashscope.aliyuncs.com/api/v1", "expected an address with https://"),
    ("DASHSCOPE_BASE_URL", "https://proxy.example:port/api/v1", "expected an address with https"),
    ("DASHSCOPE_BASE_URL", "https://[::1/api/v1", "expected an address with https"),
    ("DISCORD_API_BASE_URL", "http://:80/api/v10", "expected an address with https"),
    ("DISCORD_GATEWAY_URL", "ws://127.0.0.1:99999", "expected an address with wss"),
    ("HTTPS_PROXY", "http://proxy:port", "an http proxy"),
    ("HTTPS_PROXY", "http://[::1", "an http proxy"),
    ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg", "expected an address with wss://"),
    ("DATABASE_URL", r"sqlite:///C:\Users\me\zeuxis.db", "a path of Windows"),
    ("DATABASE_URL", "sqlite:///C:/zeuxis.db", "a path of Windows"),
    ("DATABASE_URL", "sqlite:////C:/zeuxis.db", "a path of Windows"),
    ("DATABASE_URL", r"sqlite:///data\zeuxis.db", "a path of Windows"),
    ("DATABASE_URL", "sqlite:///$HOME/zeuxis.db", "plain path"),
    ("DATABASE_URL", "sqlite:///:memory:", "plain path"),
    ("DATABASE_URL", "sqlite:///file:z.db", "plain path"),
    ("DATABASE_URL", "sqlite:///z.db?mode=ro", "plain path"),
    ("DATABASE_URL", "sqlite:///~nobody-of-that-name/z.db", "no home folder"),
    ("DATABASE_URL", "sqlite://z.db", "expected sqlite:///path/to/file.db"),
    ("DATABASE_URL", "z.db", "expected sqlite:///path/to/file.db"),
    ("DATABASE_URL", "postgresql:///z", "expected sqlite:///path/to/file.db"),
    ("DISCORD_TOKEN", '"token', "a quotation mark"),
    ("DISCORD_TOKEN", "\u201ctoken\u201d", "plain characters"),
    ("ZIMAGE_MODEL", "z image turbo", "a model's name"),
    ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
    ("HTTPS_PROXY", "socks5://127.0.0.1:1080", "an http proxy"),
    ("HTTPS_PROXY", "http://user:pass word@proxy", "an http proxy"),
    ("https_proxy", "ftp://proxy", "an http proxy"),
]


@pytest.mark.parametrize(("name", "text", "why"), NAMED)
def test_a_fault_is_named_with_what_was_expected(name: str, text: str, why: str) -> None:
    """In one line, by the setting's name."""
    (problem,) = problems({**ENOUGH, name: text})
    assert problem.startswith(f"{name.upper()}: ")
    assert re.search(why, problem), problem
    assert "\n" not in problem


GERMAN = "# für später\nLOG_LEVEL=info\n"
CHINESE = "# 机器人的设置\nLOG_LEVEL=info\n"
UNREADABLE = {
    "UTF-16": (GERMAN.encode("utf-16"), "it is in UTF-16: save it as UTF-8"),
    "UTF-16, the other way": (GERMAN.encode("utf-16-be"), "it is in UTF-16: save it as UTF-8"),
    "UTF-16 without a mark": (b"LOG_LEVEL=info".decode().encode("utf-16-le"), "UTF-16"),
    "cp1252": (GERMAN.encode("cp1252"), "line 1: expected UTF-8"),
    "cp1252, further down": (("LOG_LEVEL=info\n\n" + GERMAN).encode("cp1252"), "line 3"),
    "GBK": (CHINESE.encode("gbk"), "line 1: expected UTF-8"),
    "no equals sign": (b"LOG_LEVEL=info\nDISCORD_TOKEN: abc\n", "line 2: expected NAME=value"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, case: str) -> None:
    """Editors and shells of Windows write such files."""
    content, why = UNREADABLE[case]
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(content)
    (problem,) = problems(ENOUGH, dotenv)
    assert problem.startswith(str(dotenv))
    assert why in problem


def test_a_file_with_a_mark_of_utf_8_is_read(tmp_path: Path) -> None:
    """Notepad's; the first name must not begin with it."""
    dotenv = tmp_path / ".env"
    dotenv.write_bytes("DASHSCOPE_REGION=beijing\n# 机器人\n".encode("utf-8-sig"))
    assert load_settings(ENOUGH, dotenv=dotenv).dashscope_region == "beijing"


def test_a_file_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, which docker makes where a mounted file is missing; a file of somebody else's."""
    (problem,) = problems(ENOUGH, tmp_path)
    assert problem == f"{tmp_path}: expected a file, it is a folder"
    loop = tmp_path / ".env"
    loop.symlink_to(loop)
    (problem,) = problems(ENOUGH, loop)
    assert "cannot be read: " in problem

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (problem,) = problems(ENOUGH, loop)
    assert problem == f"{loop}: cannot be read: Permission denied"


def test_names_in_our_own_file_may_be_in_small_letters(tmp_path: Path) -> None:
    """A slip in them is found all the same."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("Dashscope_Region=Beijing\nlog_level=WARNING\n")
    settings = load_settings(ENOUGH, dotenv=dotenv)
    assert (settings.dashscope_region, settings.log_level) == ("beijing", "warning")
    dotenv.write_text("log_levle=info\n")
    assert problems(ENOUGH, dotenv) == ("log_levle: unknown setting, did you mean LOG_LEVEL?",)


DISCORD, CHINA = "https://discord.com/api/v10", "https://dashscope.aliyuncs.com/api/v1"
PROXIED = [
    ({}, DISCORD, None),
    ({"HTTPS_PROXY": "http://proxy:3128"}, DISCORD, "http://proxy:3128"),
    ({"https_proxy": "http://proxy:3128"}, DISCORD, "http://proxy:3128"),
    ({"HTTPS_PROXY": "proxy:3128"}, CHINA, "http://proxy:3128"),
    ({"HTTPS_PROXY": "http://u:p@proxy"}, "wss://gateway.discord.gg", "http://u:p@proxy"),
    ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "discord.com"}, DISCORD, None),
    ({"HTTPS_PROXY": "http://proxy", "no_proxy": "a.b, .aliyuncs.com"}, CHINA, None),
    ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": ".aliyuncs.com"}, DISCORD, "http://proxy"),
    ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "*"}, DISCORD, None),
    ({"HTTPS_PROXY": "http://proxy"}, "http://127.0.0.1:8000/api/v1", None),
    ({"HTTPS_PROXY": "http://proxy"}, "http://[::1]:8000/api/v1", None),
    ({"HTTPS_PROXY": "http://proxy"}, "http://localhost/api/v1", None),
]


@pytest.mark.parametrize(("environment", "url", "proxy"), PROXIED)
def test_the_proxy_for_an_address(environment: dict[str, str], url: str, proxy: str | None) -> None:
    """As other programs take the same variables; this machine is always reached directly."""
    assert load_settings({**ENOUGH, **environment}, dotenv=NOWHERE).proxy_for(url) == proxy


def test_secrets_never_show() -> None:
    """Not by repr, str, format or as part of the settings."""
    secret = Secret("hidden-value")
    settings = load_settings({**ENOUGH, "DISCORD_TOKEN": "hidden-value"}, dotenv=NOWHERE)
    shown = f"{secret} {secret!r} {secret:>30} {settings} {settings!r} {[secret]}"
    assert "hidden-value" not in shown
    assert secret.reveal() == "hidden-value"


def test_logs_keep_out_every_secret_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a proxy's address its password, which has a test of its own."""
    given = {
        field.encode_name: f"sk-{field.name}"
        for field in msgspec.structs.fields(Settings)
        if Secret in (field.type, *get_args(field.type)) and field.name != "https_proxy"
    }
    kept_out: list[str] = []
    monkeypatch.setattr(
        "bot.runtime.logs.configure_logs", lambda **told: kept_out.extend(told["secrets"])
    )
    start_logs(load_settings(given, dotenv=NOWHERE))
    assert len(given) >= 4
    assert set(given.values()) <= set(kept_out)


SECOND = {"ZIMAGE_ACCOUNTS": "second", "DASHSCOPE_API_KEY_SECOND": "sk-second"}


def accounts(**others: str) -> list[tuple[str, str, float, int | None]]:
    settings = load_settings({**ENOUGH, **SECOND, **others}, dotenv=NOWHERE)
    return [
        (one.name, one.base_url, one.requests_per_second, one.max_running)
        for one in settings.accounts
    ]


def test_without_further_accounts_there_is_one() -> None:
    """Named by nobody; its calls at once are the policy's."""
    (only,) = load_settings({**ENOUGH, "ZIMAGE_MAX_RUNNING": "9"}, dotenv=NOWHERE).accounts
    assert (only.name, only.api_key.reveal()) == ("zimage", ENOUGH["DASHSCOPE_API_KEY"])
    assert only.max_running is None


def test_a_further_account_is_as_the_first_where_nothing_else_is_set() -> None:
    """But for its key."""
    given = {"ZIMAGE_REQUESTS_PER_SECOND": "5", "DASHSCOPE_BASE_URL": "https://ours.test/api/v1/"}
    assert accounts(**given) == [
        ("zimage", "https://ours.test/api/v1", 5.0, None),
        ("second", "https://ours.test/api/v1", 5.0, None),
    ]


def test_each_account_has_its_own_settings_by_its_name() -> None:
    """A region of its own is not overruled by the first's address."""
    given = {
        "DASHSCOPE_BASE_URL": "https://ours.test/api/v1",
        "ZIMAGE_ACCOUNTS": "Second, third",
        "DASHSCOPE_REGION_SECOND": "beijing",
        "ZIMAGE_REQUESTS_PER_SECOND_SECOND": "0.5",
        "ZIMAGE_MAX_RUNNING_SECOND": "3",
        "DASHSCOPE_API_KEY_THIRD": "sk-third",
        "DASHSCOPE_BASE_URL_THIRD": "https://theirs.test/api/v1",
    }
    assert accounts(**given) == [
        ("zimage", "https://ours.test/api/v1", 2.0, None),
        ("second", REGIONS["beijing"], 0.5, 3),
        ("third", "https://theirs.test/api/v1", 2.0, None),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DASHSCOPE_API_KEY_SECOND": ""}, "DASHSCOPE_API_KEY_SECOND: expected a value"),
        ({"DASHSCOPE_REGION_SECOND": "mars"}, "DASHSCOPE_REGION_SECOND: expected one of"),
        (
            {"ZIMAGE_REQUESTS_PER_SECOND_SECOND": "0"},
            "ZIMAGE_REQUESTS_PER_SECOND_SECOND: expected a number above 0",
        ),
        ({"ZIMAGE_MAX_RUNNING_SECOND": "0"}, "ZIMAGE_MAX_RUNNING_SECOND: expected a whole number"),
        (
            {"DASHSCOPE_API_KEY_SECOND": ENOUGH["DASHSCOPE_API_KEY"]},
            "DASHSCOPE_API_KEY_SECOND: expected the key of another account",
        ),
        ({"ZIMAGE_ACCOUNTS": "second,SECOND"}, "ZIMAGE_ACCOUNTS: second is there twice"),
        ({"ZIMAGE_ACCOUNTS": "zimage"}, "ZIMAGE_ACCOUNTS: zimage is the first account"),
    ],
)
def test_a_wrong_setting_of_a_further_account_is_named(given: dict[str, str], said: str) -> None:
    """By the name that it has in the environment."""
    (problem,) = problems({**ENOUGH, **SECOND, **given})
    assert problem.startswith(said)


@pytest.mark.parametrize("pasted", ["sk-5ec8e7", "second account;sk-5ec8e7", "sécond"])
def test_what_is_no_name_of_an_account_is_not_shown(pasted: str) -> None:
    """A key is easily pasted one line too high."""
    (problem,) = problems({**ENOUGH, "ZIMAGE_ACCOUNTS": pasted})
    assert problem.startswith("ZIMAGE_ACCOUNTS: expected names of letters and digits")
    assert pasted not in problem
    assert "5ec8e7" not in problem


def test_a_setting_of_an_account_that_is_not_named_is_a_slip(tmp_path: Path) -> None:
    """It would draw nothing, and nobody would wonder."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("DASHSCOPE_API_KEY_SECOND=sk-second\n")
    (problem,) = problems(ENOUGH, dotenv)
    assert problem.endswith("unknown setting, is second missing in ZIMAGE_ACCOUNTS?")


def test_keys_of_further_accounts_never_show() -> None:
    """Nor do those of the first."""
    settings = load_settings({**ENOUGH, **SECOND}, dotenv=NOWHERE)
    assert "sk-second" not in f"{settings} {settings!r} {settings.accounts}"


def test_the_example_file_names_every_setting_with_its_default() -> None:
    """`.env.example` is the manual: complete, explained, and true."""
    text = (ROOT / ".env.example").read_text()
    named = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
    assert sorted(named) == sorted(NAMES)
    assert load_settings({**named, **ENOUGH}, dotenv=NOWHERE) == load_settings(
        ENOUGH, dotenv=NOWHERE
    )


@pytest.mark.process
def test_the_command_line_lists_the_problems_and_ends(tmp_path: Path) -> None:
    """`python -m bot run` without settings: a readable list, exit status 2, no traceback."""
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 2
    assert "DISCORD_TOKEN: expected a value" in ran.stderr
    assert "DASHSCOPE_API_KEY: expected a value" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.process
def test_a_model_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    """Before anybody asks for a picture that it would look at."""
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            **ENOUGH,
            "PICTURE_CHECK_MODEL": str(tmp_path / "none.onnx"),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 2
    assert f"PICTURE_CHECK_MODEL: {tmp_path}/none.onnx: " in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("given", "micros"),
    [
        ({}, (15_000, 30_000)),
        ({"DASHSCOPE_REGION": "beijing"}, (14_340, 28_680)),
        ({"DASHSCOPE_REGION": "beijing", "ZIMAGE_PRICE_USD": "0.01"}, (10_000, 28_680)),
        ({"ZIMAGE_PRICE_REWRITTEN_USD": "0"}, (15_000, 0)),
    ],
)
def test_prices_are_the_region_s_unless_the_operator_names_them(
    given: dict[str, str], micros: tuple[int, int]
) -> None:
    prices = load_settings({**ENOUGH, **given}).prices
    assert (prices.plain_micros, prices.rewritten_micros) == micros


def test_the_rewriter_is_beside_z_image_with_the_same_key() -> None:
    """Unless something else is set; an empty name switches it off."""
    chosen = load_settings(ENOUGH, dotenv=NOWHERE).rewriter
    assert chosen is not None
    assert chosen.base_url == "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    assert (chosen.model, chosen.api_key.reveal()) == ("qwen-flash", "sk-key")
    own = {
        "REWRITER_MODEL": "qwen3:4b",
        "REWRITER_BASE_URL": "http://127.0.0.1:11434/v1/",
        "REWRITER_API_KEY": "none",
    }
    chosen = load_settings({**ENOUGH, **own}, dotenv=NOWHERE).rewriter
    assert chosen is not None
    assert (chosen.model, chosen.base_url) == ("qwen3:4b", "http://127.0.0.1:11434/v1")
    assert "none" not in repr(chosen)
    assert load_settings({**ENOUGH, "REWRITER_MODEL": ""}, dotenv=NOWHERE).rewriter is None


def test_the_rewriter_s_prices_are_the_region_s() -> None:
    beijing = load_settings({**ENOUGH, "DASHSCOPE_REGION": "beijing"}, dotenv=NOWHERE)
    assert beijing.rewriter_prices.input_micros == 22_000
    assert beijing.rewriter is not None
    assert beijing.rewriter.base_url == "https://dashscope.aliyuncs.com/compatible-mode/v1"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"REWRITER_BASE_URL": "https://chat.example/v1"}, "REWRITER_API_KEY: expected the key of"),
        (
            {"REWRITER_BASE_URL": "https://dashscope-intl.aliyuncs.com/api/v1"},
            "try https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        ),
        ({"REWRITER_BASE_URL": "https://a.example/v1/chat/completions"}, "a whole endpoint"),
        ({"REWRITER_MODEL": "qwen flash"}, "a model's name, such as qwen-flash"),
    ],
)
def test_what_no_rewriter_can_be_is_said(given: dict[str, str], said: str) -> None:
    """Z-Image's key goes to no other host, so one without a key of its own is refused."""
    (problem,) = problems({**ENOUGH, **given})
    assert said in problem


def test_pictures_are_checked_by_nobody_a_file_a_service_or_both() -> None:
    """The service is OpenAI's unless another is named; its key is never shown."""
    settings = load_settings(ENOUGH, dotenv=NOWHERE)
    assert (settings.picture_check_model, settings.picture_check) == (None, None)
    both = {"PICTURE_CHECK_MODEL": "~/nsfw.onnx", "PICTURE_CHECK_API_KEY": "sk-checks"}
    settings = load_settings({**ENOUGH, **both}, dotenv=NOWHERE)
    assert settings.picture_check_model == str(Path.home() / "nsfw.onnx")
    chosen = settings.picture_check
    assert chosen is not None
    assert (chosen.model, chosen.base_url) == (
        "omni-moderation-latest",
        "https://api.openai.com/v1",
    )
    assert chosen.api_key.reveal() == "sk-checks"
    assert "sk-checks" not in f"{settings} {settings!r} {chosen!r}"
    own = {
        "PICTURE_CHECK_BASE_URL": "http://127.0.0.1:9000/v1/",
        "PICTURE_CHECK_API_MODEL": "m/own",
    }
    chosen = load_settings({**ENOUGH, **both, **own}, dotenv=NOWHERE).picture_check
    assert chosen is not None
    assert (chosen.model, chosen.base_url) == ("m/own", "http://127.0.0.1:9000/v1")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PICTURE_CHECK_BASE_URL": "https://a.example/v1"}, "PICTURE_CHECK_API_KEY: expected"),
        ({"PICTURE_CHECK_BASE_URL": "https://a.example/v1/moderations"}, "a whole endpoint"),
        ({"PICTURE_CHECK_API_MODEL": "omni moderation"}, "such as omni-moderation-latest"),
        ({"PICTURE_CHECK_API_KEY": "sk checks"}, "PICTURE_CHECK_API_KEY: expected one word"),
    ],
)
def test_what_no_picture_check_can_be_is_said(given: dict[str, str], said: str) -> None:
    (problem,) = problems({**ENOUGH, **given})
    assert said in problem


@pytest.mark.parametrize(
    ("given", "meant"), [("", ()), ("none", ()), ("Any", "any"), ("11, 12", (11, 12))]
)
def test_who_may_ask_outside_of_guilds_is_nobody_all_or_named(given: str, meant: object) -> None:
    settings = load_settings({**ENOUGH, "OUTSIDE_GUILDS": given}, dotenv=NOWHERE)
    assert settings.outside_guilds == meant
    rows = {
        key: value for key, value in policy_rows(settings).items() if key.name == "outside_guilds"
    }
    persons = {key.scope_id: value for key, value in rows.items() if key.scope is Scope.PERSON}
    assert persons == ({11: True, 12: True} if meant == (11, 12) else {})
    assert rows[Key(Scope.OPERATOR, 0, "outside_guilds")] == (meant == "any")


def test_where_guilds_are_named_strangers_cannot_be_let_in_outside() -> None:
    """Not by a slip: whoever names guilds names persons too."""
    named = {**ENOUGH, "ALLOWED_GUILDS": "5"}
    assert load_settings({**named, "OUTSIDE_GUILDS": "11"}, dotenv=NOWHERE).outside_guilds == (11,)
    expected = "OUTSIDE_GUILDS: expected ids of users, since ALLOWED_GUILDS names the guilds"
    assert problems({**named, "OUTSIDE_GUILDS": "any"}) == (expected,)
