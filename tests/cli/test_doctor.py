"""The doctor: one line for each examination, true, and free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.cli import Terminal
from bot.cli.doctor import examine
from bot.db import migrate as migrating
from bot.db.sqlite import Database
from bot.errors import NotOurDatabase
from bot.providers.zimage.wire import REGIONS
from bot.settings.reading import load_settings
from sandbox.server import Sandbox, Settings
from sandbox.zimage import ZImageSettings, serving
from tests.clock import ManualClock
from tests.providers.raw_server import answering, http
from tests.providers.raw_server import serving as raw_server
from tests.providers.test_openai_check import moderation
from tests.providers.tiny_model import REDNESS, TIMM, laid_out, loads_models

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sockets


def settings_for(sandbox: Sandbox, folder: Path, **others: str) -> Any:
    addresses = {name: str(value) for name, value in sandbox.addresses.items()}
    environment = {
        "DISCORD_TOKEN": addresses["bot_token"],
        "DISCORD_API_BASE_URL": addresses["discord_api_base_url"],
        "DISCORD_GATEWAY_URL": addresses["discord_gateway_url"],
        "DASHSCOPE_API_KEY": addresses["api_key"],
        "DASHSCOPE_BASE_URL": addresses["zimage_base_url"],
        "DATABASE_URL": f"sqlite:///{folder}/zeuxis.db",
    }
    return load_settings({**environment, **others}, dotenv=folder / "none.env")


def terminal_of(settings: Any, said: list[str]) -> Terminal:
    return Terminal(settings, ManualClock(), said.append)


async def test_a_sound_installation_gets_ok_for_each_part(tmp_path: Path) -> None:
    """And nothing was drawn, nothing made: looking is not running."""
    said: list[str] = []
    async with Sandbox.start(Settings(seed=7, is_public=False)) as sandbox:
        status = await examine(terminal_of(settings_for(sandbox, tmp_path), said))
        assert sandbox.zimage.ledger.snapshot()["accepted"] == 0
    assert status == 0
    assert [line.split()[0] for line in said] == ["ok"] * 12
    assert "2 requests per second" in said[5]
    assert said[8] == "ok    guilds: any that its owner invites it to"
    assert said[9] == "ok    result hosts: all below aliyuncs.com"
    assert said[10].startswith("ok    rewriter: qwen-flash at http://127.0.0.1:")
    assert (
        said[11] == "ok    picture checks: none, by PICTURE_CHECK_MODEL and PICTURE_CHECK_API_KEY"
    )
    assert list(tmp_path.iterdir()) == []


async def test_who_may_spend_is_told(tmp_path: Path) -> None:
    """A public application that any guild may use is worth a warning, and no failure."""
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        said = await examined(sandbox, tmp_path)
        assert said["guilds"].startswith("warn the application is public and ALLOWED_GUILDS is any")
        said = await examined(sandbox, tmp_path, ALLOWED_GUILDS="5, 6")
        assert said["guilds"] == "ok 2 may use it, by ALLOWED_GUILDS"


async def test_a_wrong_key_and_a_wrong_token_are_both_named(tmp_path: Path) -> None:
    """The examination goes on after the first failure, and shows neither secret."""
    said: list[str] = []
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        wrong = settings_for(
            sandbox, tmp_path, DASHSCOPE_API_KEY="sk-wrong", DISCORD_TOKEN="MTIz.wrong.token"
        )
        status = await examine(terminal_of(wrong, said))
    assert status == 1
    failed = [line for line in said if line.startswith("FAIL")]
    assert any("Z-Image key" in line for line in failed)
    assert any("Discord token" in line for line in failed)
    assert not any("sk-wrong" in line or "MTIz" in line for line in said)


async def examined(
    sandbox: Sandbox, folder: Path, dotenv: Path | None = None, /, **others: str
) -> dict[str, str]:
    """What is said of each part, with its verdict before."""
    said: list[str] = []
    settings = settings_for(sandbox, folder, **others)
    await examine(terminal_of(settings, said), dotenv=dotenv or folder / "none.env")
    assert not any("\n" in line or "Traceback" in line for line in said)
    return {
        name: f"{line.split()[0]} {about}"
        for line in said
        for name, _, about in [line[6:].partition(": ")]
    }


FAULTS = [
    ("Z-Image model", {"ZIMAGE_MODEL": "z-image-tubro"}, "warn z-image-tubro is not z-image-turbo"),
    ("Z-Image key", {"DASHSCOPE_BASE_URL": "{origin}"}, "FAIL {origin} does not end in /api/v1"),
    ("Z-Image key", {"DASHSCOPE_BASE_URL": "http://127.0.0.1:1/api/v1"}, "FAIL "),
    ("rewriter", {"REWRITER_MODEL": "qwen-flush"}, "does not list qwen-flush: is REWRITER_MODEL"),
    ("rewriter", {"REWRITER_MODEL": ""}, "ok none, by REWRITER_MODEL"),
    ("rewriter", {"REWRITER_API_KEY": "sk-other"}, "FAIL "),
    (
        "rewriter",
        {"REWRITER_BASE_URL": "http://127.0.0.1:1/v1", "REWRITER_API_KEY": "sk-other"},
        "FAIL ",
    ),
    (
        "picture checks",
        {"PICTURE_CHECK_MODEL": "{folder}/none.onnx"},
        "FAIL PICTURE_CHECK_MODEL: {folder}/none.onnx: ",
    ),
    (
        "picture checks",
        {"PICTURE_CHECK_API_KEY": "sk-1", "PICTURE_CHECK_BASE_URL": "http://127.0.0.1:1/v1"},
        "FAIL NotSent: ",
    ),
    ("Discord gateway", {"DISCORD_GATEWAY_URL": "ws://127.0.0.1:1"}, "cannot be reached"),
    ("Discord gateway", {"DISCORD_GATEWAY_URL": "ws://{netloc}/api"}, "cannot be reached"),
    ("Discord token", {"DISCORD_API_BASE_URL": "http://127.0.0.1:1/api/v10"}, "FAIL "),
    (
        "database",
        {"DATABASE_URL": "sqlite:////proc/zeuxis/z.db"},
        "FAIL /proc/zeuxis/z.db cannot be",
    ),
    ("database", {"DATABASE_URL": "sqlite:///{folder}"}, "FAIL cannot open {folder}: it is no"),
]


@pytest.mark.parametrize(("part", "setting", "verdict"), FAULTS)
async def test_each_fault_is_named(
    tmp_path: Path, part: str, setting: dict[str, str], verdict: str
) -> None:
    """In its own line; the others are as they were."""
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        origin = str(sandbox.addresses["zimage_base_url"]).removesuffix("/api/v1")
        places = {"origin": origin, "netloc": origin.split("//")[1], "folder": str(tmp_path)}
        given = {name: value.format(**places) for name, value in setting.items()}
        said = await examined(sandbox, tmp_path, **given)
    assert verdict.format(**places) in said[part]
    others = {name for name, text in said.items() if not text.startswith("ok")} - {part}
    assert others <= {"Z-Image limit", "guilds", "rewriter"}  # which is beside Z-Image


async def test_a_misspelt_name_in_the_environment_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container has its settings there."""
    monkeypatch.setenv("ALLOWED_GUILD", "5")
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        said = await examined(sandbox, tmp_path)
    assert said["settings"] == (
        "warn in the environment ALLOWED_GUILD is not read, did you mean ALLOWED_GUILDS?"
    )


async def test_an_empty_file_is_filled_by_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "zeuxis.db").touch()
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        said = await examined(sandbox, tmp_path)
    assert said["database"].startswith("ok empty yet, the next start fills it")
    assert said["audit log"] == "ok none yet"
    with pytest.raises(NotOurDatabase, match="it is empty: the next start"):
        async with Database.look(tmp_path / "zeuxis.db"):
            pass


async def test_no_lines_of_the_library_stand_between(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It warns of intents and of voice, which nobody needs here."""
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        await examined(sandbox, tmp_path)
    assert [one.getMessage() for one in caplog.records if one.name.startswith("discord")] == []


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (http(200, moderation({"sexual": 0.004, "violence": 0.001})), "ok openai gives a grey"),
        (
            http(200, moderation({"sexual": 0.97})),
            "warn openai gives a grey picture 97% for",
        ),
        (http(200, moderation(seen={"sexual": ["text"]})), "FAIL AnswerUnreadable: the picture"),
        (http(401, b'{"error": {"code": "invalid_api_key"}}'), "FAIL KeyRejected: "),
    ],
)
async def test_a_service_that_checks_is_shown_a_grey_picture(
    tmp_path: Path, answer: bytes, verdict: str
) -> None:
    """One that finds harm in it has its labels the wrong way round."""
    given = {"PICTURE_CHECK_API_KEY": "sk-checks-never-shown"}
    async with Sandbox.start(Settings(seed=7)) as sandbox, raw_server(answering(answer)) as server:
        base_url = server.base_url
        said = await examined(sandbox, tmp_path, PICTURE_CHECK_BASE_URL=base_url, **given)
    assert said["picture checks"].startswith(verdict)
    assert len(server.requests) == 1
    assert "never-shown" not in str(said)


async def test_the_sandbox_checks_a_grey_picture(tmp_path: Path) -> None:
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        addresses = sandbox.addresses
        given = {
            "PICTURE_CHECK_API_KEY": str(addresses["api_key"]),
            "PICTURE_CHECK_BASE_URL": str(addresses["moderation_base_url"]),
        }
        said = await examined(sandbox, tmp_path, **given)
        checked = [one.pictures for one in sandbox.zimage.ledger.moderations]
    assert said["picture checks"].startswith("ok openai gives a grey picture 0% for ")
    assert len(checked) == 1


@loads_models
async def test_a_model_that_checks_is_shown_a_grey_picture(tmp_path: Path) -> None:
    path = laid_out(tmp_path, REDNESS, config=TIMM)
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        said = await examined(sandbox, tmp_path, PICTURE_CHECK_MODEL=str(path))
    assert said["picture checks"] == "ok model gives a grey picture 50% for NSFW"


async def test_a_key_of_the_other_region_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service itself only says that the key is wrong."""
    async with (
        Sandbox.start(Settings(seed=7)) as singapore,
        Sandbox.start(Settings(seed=8)) as beijing,
    ):
        monkeypatch.setitem(REGIONS, "singapore", str(singapore.addresses["zimage_base_url"]))
        monkeypatch.setitem(REGIONS, "beijing", str(beijing.addresses["zimage_base_url"]))
        key = str(beijing.addresses["api_key"])
        said = await examined(singapore, tmp_path, DASHSCOPE_BASE_URL="", DASHSCOPE_API_KEY=key)
        assert said["Z-Image key"].endswith("good in beijing: set DASHSCOPE_REGION=beijing")
        assert key not in str(said)
        elsewhere = await examined(singapore, tmp_path, DASHSCOPE_API_KEY=key)
        assert "beijing" not in elsewhere["Z-Image key"], "not ours to try elsewhere"


async def test_each_account_is_examined(tmp_path: Path) -> None:
    """The second's key is wrong, and its limit is not what was set."""
    async with (
        Sandbox.start(Settings(seed=7)) as sandbox,
        serving(ZImageSettings(requests_per_second=1, api_keys=("sk-second",))) as second,
    ):
        given = {
            "ZIMAGE_ACCOUNTS": "second",
            "DASHSCOPE_API_KEY_SECOND": "sk-second",
            "DASHSCOPE_BASE_URL_SECOND": second.base_url,
        }
        said = await examined(sandbox, tmp_path, **given)
        assert said["Z-Image key"].startswith("ok")
        assert said["Z-Image key of second"] == f"ok good at {second.base_url}"
        assert "1 requests per second, below the setting of 2" in said["Z-Image limit of second"]
        wrong = await examined(
            sandbox, tmp_path, **(given | {"DASHSCOPE_API_KEY_SECOND": "sk-wrong"})
        )
    assert wrong["Z-Image key"].startswith("ok")
    assert wrong["Z-Image key of second"].startswith("FAIL")
    assert "sk-wrong" not in str(wrong)


async def test_a_gateway_that_is_none_is_told(tmp_path: Path) -> None:
    """A websocket that says something else first."""
    from aiohttp import web

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("[]")
        await socket.close()
        return socket

    application = web.Application()
    application.router.add_get("/", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"ws://127.0.0.1:{runner.addresses[0][1]}/"
        async with Sandbox.start(Settings(seed=7)) as sandbox:
            said = await examined(sandbox, tmp_path, DISCORD_GATEWAY_URL=url)
    finally:
        await runner.cleanup()
    assert "is no gateway of Discord's" in said["Discord gateway"]


@pytest.mark.parametrize(("mode", "verdict"), [(0o600, "ok"), (0o640, "warn"), (0o644, "warn")])
async def test_a_file_with_secrets_that_others_can_read_is_told(
    tmp_path: Path, mode: int, verdict: str
) -> None:
    """With the command that mends it."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("LOG_LEVEL=info\n")
    dotenv.chmod(mode)
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        said = await examined(sandbox, tmp_path, dotenv)
    assert said["settings"].startswith(verdict)
    assert ("chmod 600" in said["settings"]) == (verdict == "warn")


async def test_an_older_schema_is_told_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A doctor migrates nothing."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path):
        pass
    before = path.read_bytes()
    known = migrating.migrations()
    monkeypatch.setattr(migrating, "migrations", lambda: known | {9999: "CREATE TABLE t (n);"})
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        said = await examined(sandbox, tmp_path)
    assert said["database"].startswith("warn")
    assert "zeuxis migrate" in said["database"]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("hosts", "fault"),
    [
        ("localhost", "localhost leads to"),
        (".aliyuncs.com,cdn.none.invalid", "cdn.none.invalid in ZIMAGE"),
    ],
)
async def test_a_host_that_no_picture_can_come_from_is_named(
    tmp_path: Path, hosts: str, fault: str
) -> None:
    """Before pictures are paid that would then be refused."""
    said: list[str] = []
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        settings = settings_for(sandbox, tmp_path, ZIMAGE_RESULT_HOSTS=hosts)
        assert await examine(terminal_of(settings, said)) == 1
    (failed,) = [line for line in said if line.startswith("FAIL")]
    assert failed.startswith("FAIL  result hosts")
    assert fault in failed
