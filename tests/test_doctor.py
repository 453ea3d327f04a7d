"""The doctor: one line for each examination, true, and free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.doctor import examine
from bot.settings import load_settings
from sandbox.server import Sandbox, Settings

if TYPE_CHECKING:
    from pathlib import Path


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


async def test_a_sound_installation_gets_five_times_ok(tmp_path: Path) -> None:
    """And nothing was drawn."""
    said: list[str] = []
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        status = await examine(settings_for(sandbox, tmp_path), said.append)
        assert sandbox.zimage.ledger.snapshot()["accepted"] == 0
    assert status == 0
    assert [line.split()[0] for line in said] == ["ok"] * 5
    assert "2 requests per second" in said[3]


async def test_a_wrong_key_and_a_wrong_token_are_both_named(tmp_path: Path) -> None:
    """The examination goes on after the first failure, and shows neither secret."""
    said: list[str] = []
    async with Sandbox.start(Settings(seed=7)) as sandbox:
        wrong = settings_for(
            sandbox, tmp_path, DASHSCOPE_API_KEY="sk-wrong", DISCORD_TOKEN="MTIz.wrong.token"
        )
        status = await examine(wrong, said.append)
    assert status == 1
    failed = [line for line in said if line.startswith("FAIL")]
    assert any("Z-Image key" in line for line in failed)
    assert any("Discord token" in line for line in failed)
    assert not any("sk-wrong" in line or "MTIz" in line for line in said)
