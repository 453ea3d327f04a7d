"""How long the process lives: until a signal, or until a part of it ends.

    signal ─▶ no more claims ─▶ calls that are out end ─▶ what is drawn is delivered ─▶ all closed
              └───────────── within the grace ───────────────────────────────────┘
                                                        a while later it ends in any case

What is left over stands in rows for the next start. A crash leaves no core behind.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import discord
import structlog
from msgspec import Struct

from bot.errors import ZeuxisError
from bot.runtime.health import Vital

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.account_watch import AccountWatch
    from bot.client import ImageBot
    from bot.delivery.composition import Delivery
    from bot.delivery.likenesses import Likenesses
    from bot.dispatcher import Dispatcher
    from bot.housekeeping import Housekeeping


QUOTA_WITHIN_S = 2.0
LEAST_FOR_DELIVERY_S = 2.0  # even if calls have used up the grace
# Beyond the grace: one last wait for a locked database, one for tasks and one for connections.
CLOSING_S = 12.0
TASKS_END_WITHIN_S = 8.0

# How long each part may go without success. The queue is looked at every two seconds; a delivery is
# given up after two minutes; discord.py waits up to some minutes between two attempts.
CLAIM_WITHIN_S = 30.0
MOVE_WITHIN_S = 180.0
CONNECTED_WITHIN_S = 300.0
ROUND_WITHIN_S = 300.0

# https://discord.com/developers/docs/topics/opcodes-and-status-codes, "Gateway Close Event Codes":
# those after which one should not reconnect.
_GATEWAY_REFUSALS = {
    4004: "Discord's gateway refuses the token; see DISCORD_TOKEN",
    4010: "Discord's gateway refuses the shard; look for a newer Zeuxis",
    4011: "the bot is in too many guilds for one connection, and this Zeuxis makes only one",
    4012: "Discord no longer serves this version of its gateway; look for a newer Zeuxis",
    4013: "Discord does not know the intents asked for; look for a newer Zeuxis",
    4014: "Discord does not allow the intents asked for; see the application's Bot page",
}

log = structlog.get_logger("bot.app")


class Parts(Struct, frozen=True, kw_only=True):
    """Everything that runs, connected. None of the parts ends by itself."""

    bot: ImageBot
    dispatcher: Dispatcher
    delivery: Delivery
    likenesses: Likenesses
    housekeeping: Housekeeping
    account_watches: Sequence[AccountWatch]


def vitals_of(parts: Parts) -> tuple[Vital, ...]:
    """What `/healthz` tells."""
    return (
        Vital(
            says="queue: no claim has succeeded",
            age_s=parts.dispatcher.pulse.age_s,
            bound_s=CLAIM_WITHIN_S,
        ),
        Vital(
            says="outbox: pictures are due and nothing has moved",
            age_s=parts.delivery.outbox.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="screener: drawn pictures are to be looked at and nothing has moved",
            age_s=parts.delivery.screener.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="staff cards: cases are due and nothing has moved",
            age_s=parts.delivery.staff_cards.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="notices: members are to be told and nothing has moved",
            age_s=parts.delivery.notices.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="held files: nobody has looked which are to be kept",
            age_s=parts.delivery.keeper.pulse.age_s,
            bound_s=ROUND_WITHIN_S,
        ),
        Vital(
            says="gateway: no connection to Discord",
            age_s=parts.bot.disconnected_s,
            bound_s=CONNECTED_WITHIN_S,
        ),
        Vital(
            says="housekeeping: no round has succeeded",
            age_s=parts.housekeeping.pulse.age_s,
            bound_s=ROUND_WITHIN_S,
        ),
    )


def stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM, SIGINT or the end of its terminal; a second one ends the process at once.

    Under nohup the end of a terminal stays ignored.
    """
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    loop = asyncio.get_running_loop()
    hangup = getattr(signal, "SIGHUP", None)  # not on Windows
    hangups = [hangup] if hangup and signal.getsignal(hangup) is signal.SIG_DFL else []
    for number in (signal.SIGINT, signal.SIGTERM, *hangups):
        try:
            loop.add_signal_handler(number, on_signal)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
    return stop


async def live(parts: Parts, *, token: str, grace_s: float, stop: asyncio.Event) -> int:
    """Runs the parts until `stop`; returns the process's exit status: 1 if a part broke."""
    dispatching = asyncio.create_task(_dispatch(parts), name="dispatcher")
    tasks = {
        dispatching,
        asyncio.create_task(parts.delivery.run(), name="delivery"),
        asyncio.create_task(parts.likenesses.run(), name="likenesses"),
        asyncio.create_task(parts.housekeeping.run(), name="housekeeping"),
        asyncio.create_task(parts.housekeeping.watch(), name="database file"),
        *(
            asyncio.create_task(watch.run(), name="account watch")
            for watch in parts.account_watches
        ),
        asyncio.create_task(parts.bot.stay_connected(token), name="discord gateway"),
    }
    stopping = asyncio.create_task(stop.wait(), name="signals")
    try:
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        broken = [task for task in tasks if task.done()]
        for task in broken:
            _say_why(task)
        _end_in_any_case(grace_s + CLOSING_S)
        log.info("stopping", grace_s=grace_s)
        ends_at_s = asyncio.get_running_loop().time() + grace_s
        parts.dispatcher.stop(grace_s)
        await asyncio.wait({dispatching}, timeout=grace_s + TASKS_END_WITHIN_S)
        left_s = ends_at_s - asyncio.get_running_loop().time()
        await parts.delivery.drain(max(left_s, LEAST_FOR_DELIVERY_S))
        return 1 if broken else 0
    finally:
        stopping.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.wait([stopping, *tasks], timeout=TASKS_END_WITHIN_S)
        log.info("stopped")


async def _dispatch(parts: Parts) -> None:
    """At the accounts' pace from the first call on, not at the settings' if that is higher."""
    await asyncio.gather(
        *(watch.until_asked(within_s=QUOTA_WITHIN_S) for watch in parts.account_watches)
    )
    await parts.dispatcher.run()


def _say_why(task: asyncio.Task[None]) -> None:
    """What ends a part ends the process, in good order, for a fresh start."""
    error = None if task.cancelled() else task.exception()
    if (refusal := refusal_of_discord(error)) is not None:
        log.critical(refusal)
    elif isinstance(error, ZeuxisError):
        log.critical("ended", part=task.get_name(), error=str(error))
    else:
        log.critical("ended", part=task.get_name(), exc_info=error)


def refusal_of_discord(error: BaseException | None) -> str | None:
    """What Discord will not change its mind about, in a sentence; None if it is something else."""
    match error:
        case discord.LoginFailure():
            return "Discord refuses the token; see DISCORD_TOKEN"
        case discord.PrivilegedIntentsRequired():
            return _GATEWAY_REFUSALS[4014]
        case discord.ConnectionClosed():
            said = _GATEWAY_REFUSALS.get(error.code, "Discord's gateway closed the connection")
            return f"{said} (close code {error.code})"
        case discord.HTTPException():
            return f"Discord refuses the bot's commands or its login: {error}"
        case _:
            return None


def _end_in_any_case(after_s: float) -> None:
    """Whatever hangs: a thread in a locked database, a connection, a picture being decoded."""

    def end() -> None:
        log.critical("did not end in time; what is left waits in the database", after_s=after_s)
        os._exit(1)

    timer = threading.Timer(after_s, end)
    timer.daemon = True
    timer.start()


# ------------------------------------------------------------------------------------------------
# No core dumps: a core would hold the token, the key and whatever passed through lately.
#
# Python does not overwrite memory that it frees, so they cannot be wiped from it; what can be had
# is that a crash leaves no copy of it on disk.


PR_SET_DUMPABLE = 4  # prctl(2)


def forbid_cores() -> None:
    """For this process, whatever its limits were. A debugger of the same user is kept out too.

    On Linux the flag counts even where cores are piped to a program, which the limit does not stop.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
