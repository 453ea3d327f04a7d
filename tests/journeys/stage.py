"""The real bot as a process of its own, before a sandbox that the test can look into."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.control.client import Control
from sandbox.faults import parse_faults
from sandbox.server import Sandbox, Settings
from sandbox.zimage import Pictures
from tests.journeys.forked import fork
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from sandbox.discord.document import Document
    from tests.journeys.forked import Process

ROOT = Path(__file__).parents[2]
READY = '"event": "ready"'


# What a stage plays is not about quotas, unless it says so.
UNLIMITED = {
    "BUDGET_PER_DAY_USD": "-1",
    "PICTURES_PER_GUILD_PER_DAY": "-1",
    "PICTURES_PER_MEMBER_PER_DAY": "-1",
    "MAX_WAITING_PER_MEMBER": "500",
}


@dataclass(slots=True, kw_only=True)
class Stage:
    """Sandbox, control interface and the bot's process."""

    sandbox: Sandbox
    control: Control
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    program: str = "bot"
    bot: Process | None = None

    @property
    def database(self) -> Path:
        return self.folder / "zeuxis.db"

    @property
    def log(self) -> str:
        """The lines that the bot has said so far, over all its lives; not half of one."""
        log = self.folder / "bot.log"
        said = log.read_text(errors="replace") if log.exists() else ""
        return said[: said.rfind("\n") + 1]

    async def start_bot(self) -> None:
        """Returns once the bot is connected and can be asked."""
        lives = self.log.count(READY)
        self.bot = await self.spawn_bot()
        await self.until(lambda: self.log.count(READY) > lives)

    async def spawn_bot(self, arguments: Sequence[str] = ("run",), **environment: str) -> Process:
        """A process of the bot, perhaps not yet connected, perhaps one too many."""
        addresses = {name: str(value) for name, value in self.sandbox.addresses.items()}
        environment = {
            "PATH": os.environ["PATH"],
            "DISCORD_TOKEN": addresses["bot_token"],
            "DISCORD_API_BASE_URL": addresses["discord_api_base_url"],
            "DISCORD_GATEWAY_URL": addresses["discord_gateway_url"],
            "DASHSCOPE_API_KEY": addresses["api_key"],
            "DASHSCOPE_BASE_URL": addresses["zimage_base_url"],
            "DATABASE_URL": f"sqlite:///{self.database}",
            "LOG_FORMAT": "json",
            **UNLIMITED,
            **self.environment,
            **environment,
        }
        log = self.folder / "bot.log"
        return fork(self.program, arguments, folder=ROOT, environment=environment, log=log)

    async def kill_bot(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Ends the bot, by default as a power cut would; returns its exit status."""
        assert self.bot is not None
        with suppress(ProcessLookupError):
            self.bot.send_signal(number)
        status = await asyncio.wait_for(self.bot.wait(), PATIENCE_S)
        self.bot = None
        return status

    async def until(self, holds: Callable[[], Any], patience_s: float = PATIENCE_S) -> None:
        """Waits for another process, so it can only look again and again.

        Raises:
            TimeoutError: with the end of the bot's log.
        """
        try:
            async with asyncio.timeout(patience_s):
                while not holds():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise TimeoutError(f"the bot said last:\n{self.log[-4000:]}") from None

    def fault(self, *faults: dict[str, Any]) -> None:
        """Puts these faults, and no others, in force."""
        self.sandbox.faults.replace(parse_faults(json.dumps(faults)))

    def fired(self) -> int:
        """How many times the faults in force have struck."""
        return sum(self.sandbox.faults.fired())

    def ledger(self) -> dict[str, Any]:
        """Z-Image's own ledger."""
        return self.sandbox.zimage.ledger.snapshot()

    async def imagine(
        self, prompt: str = "a cat", *, member: int = 0, channel: str = "pictures", **options: Any
    ) -> Any:
        """Asks for a picture; returns the started interaction, or why Discord's client refuses."""
        return await self.control.act(
            "command",
            name="imagine",
            member=member,
            channel=channel,
            options={"prompt": prompt, "rewrite": "off", **options},
        )

    async def pictures(self, started: Any, wait: float = 20) -> list[Any]:
        """The messages with a picture that an interaction led to, once it has settled."""
        settled = await self.control.settled(started, wait)
        return [one for one in settled["messages"] if one["attachments"]]


@asynccontextmanager
async def staged(
    folder: Path, document: Document | None = None, *, bot: bool = True, **settings: Any
) -> AsyncIterator[Stage]:
    """A stage with quick pictures; nothing of it is left after the block."""
    quick = {"seed": 7, "latency_scale": 0.0, "rate": 50.0, "pictures": Pictures.PLAIN}
    patient = {"strict_fields": True, "answer_within_s": PATIENCE_S}
    settings = {**quick, **patient, **settings}
    environment = {"ZIMAGE_REQUESTS_PER_SECOND": str(settings["rate"])}
    async with (
        Sandbox.start(Settings(**settings), document=document) as sandbox,
        Control.of(sandbox) as control,
    ):
        stage = Stage(sandbox=sandbox, control=control, folder=folder, environment=environment)
        try:
            if bot:
                await stage.start_bot()
            yield stage
        finally:
            sandbox.faults.clear()
            if stage.bot is not None:
                await stage.kill_bot()
