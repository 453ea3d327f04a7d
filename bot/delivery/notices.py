"""Tells members in direct messages what became of what they reported, appealed or did.

What is to be told stands in rows, so that a crash delays it and no more. An attempt is noted before
the message is sent: after one of which nobody knows how it ended the conversation is searched for
it. Who lets nobody write to them is told nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.delivery.due_work import DueWork
from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.delivery.posts import CLOCKS_DIFFER_US, snowflake_at
from bot.errors import PolicyUnreadable
from bot.features.moderation.rows.notices import Notice, begin_notice, due_notices, end_notice
from bot.policy.rows import Asking, load_policy
from bot.policy.standing import StandingKind, holds
from bot.queue.failures import next_wait_s
from bot.queue.jobs import select_job
from bot.refusals import UnknownJob
from bot.texts import Texts
from bot.texts.notice_cards import notice_card, notice_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.delivery.due_work import Common
    from bot.delivery.posts import Posts

POLL_S = 5.0
LEAST_WAIT_S = 30.0  # between two attempts
MOST_ATTEMPTS = 12  # with waits of up to minutes: about an hour
AT_ONCE = 2

log = structlog.get_logger("bot.delivery")


class NoticeSender(DueWork[Notice]):
    """One for the process."""

    def __init__(
        self,
        common: Common,
        *,
        posts: Posts,
    ) -> None:
        super().__init__("notices", common, at_once=AT_ONCE, poll_s=POLL_S)
        self._posts = posts

    async def _find(self) -> Sequence[Notice]:
        return await self._database.read(
            due_notices, now_us=self._clock.now_us(), limit=2 * AT_ONCE
        )

    async def _do(self, told: Notice, /) -> None:
        wait_s = LEAST_WAIT_S + next_wait_s(attempt=told.attempts + 1, randomness=self._randomness)
        not_before_us = self._clock.now_us() + round(wait_s * 1e6)
        if not await self._database.write(begin_notice, told.id, not_before_us=not_before_us):
            return  # its member was forgotten
        if await self._is_settled(told):
            await self._database.write(end_notice, told.id)

    async def _is_settled(self, told: Notice) -> bool:
        is_last = told.attempts + 1 >= MOST_ATTEMPTS
        try:
            await self._send(told)
        except DELIVERY_ERRORS as error:
            if error_kind(error) is ErrorKind.LATER and not is_last:
                log.info("member not told yet", case=told.case.id, error=type(error).__name__)
                return False
            log.warning("member not told of a case", case=told.case.id, kind=told.kind)
        except Exception:  # this loop's end would be the bot's, and again after each start
            log.exception("notice broke", case=told.case.id, kind=told.kind)
            return is_last
        return True

    async def _send(self, told: Notice) -> None:
        said = await self._database.read(_said, told, now_us=self._clock.now_us())
        if not said:
            return
        channel_id = await self._posts.open_direct(told.user_id)
        if told.attempts:
            decided_at_us = told.case.end.at_us if told.case.end else told.case.opened_at_us
            after = snowflake_at(decided_at_us - CLOCKS_DIFFER_US)
            if await self._posts.find_own(channel_id, {said}, after=after) is not None:
                return
        await self._posts.send(channel_id, notice_card(said), nonce=f"zx{told.id}n")
        log.info("member told of a case", case=told.case.id, kind=told.kind)


def _said(tx: Transaction, told: Notice, *, now_us: int) -> str:
    """In the member's language if the case is about their picture, else in the guild's."""
    case = told.case
    block = holds(tx, StandingKind.BLOCKED, case.tenant_id, told.user_id, now_us=now_us)
    return notice_text(told, Texts(_locale(tx, told)), block=block)


def _locale(tx: Transaction, told: Notice) -> str:
    case = told.case
    try:
        if case.job_id is not None:
            origin = select_job(tx, case.job_id).origin
            return origin.locale if origin.user_id == told.user_id else origin.guild_locale
        return load_policy(tx, Asking(case.tenant_id)).language or "en-US"
    except (UnknownJob, PolicyUnreadable):
        return "en-US"
