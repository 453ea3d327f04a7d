"""Watches an account that all guilds share: how fast it may go, and whether it is refused.

The ceiling of the pace is the operator's setting, or what the provider grants if that is less. The
provider is asked beside everything else and in vain at worst: then the setting holds.

An outage (a bad key, missing rights, an unpaid bill, a dead uplink) is the operator's to mend, so
it is said once when it begins, however many calls run into it, and once when it is over. In
between, and when calls begin to fail, the free question is asked, so that no job is spent on it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bot.errors import ProviderError, StorageError
from bot.queue import controls
from bot.queue.account import load_account, note_check
from bot.queue.breaker import OF_THE_ACCOUNT
from bot.queue.failures import evidence_of_check
from bot.refusals import Outage
from bot.runtime.clock import Wakeup

if TYPE_CHECKING:
    from bot.db.sqlite import Database
    from bot.providers import Provider
    from bot.queue.breaker import Breaker
    from bot.queue.records import JobId
    from bot.runtime.clock import Clock

    Suspicion = tuple[tuple[JobId, ...], int]

LOOK_EVERY_S = 2.0
ASK_EVERY_S = 3600.0
_WHAT_TO_DO = {
    Outage.KEY: "check the account's DASHSCOPE_API_KEY and DASHSCOPE_REGION",
    Outage.ACCESS: "check ZIMAGE_MODEL and what the key may do in the provider's console",
    Outage.ACCOUNT: "settle the bill or the free tier in the provider's console",
    Outage.FAILING: "look at the provider's status, and at a proxy or firewall before it",
    Outage.UNREACHABLE: "look at this machine's network, DNS and proxy",
}

log = structlog.get_logger("bot.account")


class AccountWatch:
    """Changes the ceiling, and opens and ends outages by what the free question tells."""

    def __init__(
        self,
        *,
        account: str,
        database: Database,
        provider: Provider,
        clock: Clock,
        requests_per_second: float,
    ) -> None:
        self._account = account
        self._log = log.bind(account=account)
        self._database = database
        self._provider = provider
        self._clock = clock
        self._set = requests_per_second
        self._told: Outage | None = None
        self._asked_about: Suspicion = (), 0
        self._granted: float | None = None
        self._mended = Wakeup(clock)
        self._is_asked = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._keep_looking())
            parts.create_task(self._keep_asking())

    async def until_asked(self, *, within_s: float) -> None:
        """Returns once the provider has told the quota or has not, or takes too long to."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._is_asked.wait()

    async def look(self) -> None:
        """Tells of an outage that has begun or ended since the last look; asks if it is time to."""
        try:
            breaker = (await self._database.read(load_account, self._account)).breaker
            if self._must_ask(breaker):
                breaker = await self._check()
        except StorageError as error:
            self._log.error("account not looked at", error=str(error))
            return
        self._tell(breaker)

    def _must_ask(self, breaker: Breaker) -> bool:
        """When a probe is due; closed: whenever something more has failed since the last time."""
        if breaker.is_open:
            return not breaker.is_checked and (breaker.probe_at_us or 0) <= self._clock.now_us()
        suspicion = breaker.failing, breaker.unreached
        is_new = suspicion not in (self._asked_about, ((), 0))
        self._asked_about = suspicion
        return is_new

    async def _check(self) -> Breaker:
        try:
            await self._provider.check_key()
            evidence = None
        except ProviderError as error:
            evidence = evidence_of_check(error)
            self._log.info("key not checked", evidence=evidence, says=str(error))
        return await self._database.write(
            note_check, self._account, evidence, now_us=self._clock.now_us()
        )

    def _tell(self, breaker: Breaker) -> None:
        if breaker.outage is self._told:
            return
        if breaker.outage is None:
            self._log.info("provider accepts the account again", after=self._told)
            self._mended.set()
        else:
            _say_what_to_do(breaker, self._log)
        self._told = breaker.outage

    async def ask(self) -> None:
        """Puts the quota in force, if the provider tells it; else what was in force stays."""
        quota = await self._provider.quota()
        if quota is None:
            self._log.info("quota not told, the ceiling stays", set_per_s=self._set)
            return
        granted = quota.requests_per_second
        try:
            await self._database.write(
                controls.set_ceiling,
                self._account,
                requests_per_second=min(self._set, granted),
                now_us=self._clock.now_us(),
            )
        except StorageError as error:
            self._log.error("quota not put in force", error=str(error))
            return
        if granted != self._granted:
            say = self._log.info if granted >= self._set else self._log.warning
            say("quota told", granted_per_s=granted, set_per_s=self._set)
        self._granted = granted

    async def _keep_looking(self) -> None:
        while True:
            await self.look()
            await self._clock.sleep_until(self._clock.now_us() + round(LOOK_EVERY_S * 1e6))

    async def _keep_asking(self) -> None:
        """At the start, every hour, and when the account works again: it may be another one."""
        while True:
            await self.ask()
            self._is_asked.set()
            await self._mended.wait_until(self._clock.now_us() + round(ASK_EVERY_S * 1e6))


def _say_what_to_do(breaker: Breaker, log: structlog.stdlib.BoundLogger) -> None:
    assert breaker.outage is not None  # noqa: S101 - callers have checked
    facts: dict[str, object] = {
        "outage": breaker.outage,
        "to_do": _WHAT_TO_DO[breaker.outage],
        "next_try_at_us": breaker.probe_at_us,
    }
    if breaker.outage in OF_THE_ACCOUNT:
        log.critical("provider refuses the account, it draws nothing until that is mended", **facts)
    elif breaker.outage is Outage.UNREACHABLE:
        log.error("nothing can be reached, the account draws nothing", **facts)
    else:
        facts["jobs"] = breaker.failing
        log.error("provider answers with errors only, the account draws nothing", **facts)
