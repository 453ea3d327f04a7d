"""Cases before a guild's staff: each has one card in the channel that they named, kept true.

    channel known ─▶ attempt noted ─▶ card posted, with its picture ─▶ its id stored ─▶ edited

A crash between two steps resumes at the step after the last one stored; before a second post the
channel is searched for the first. The card of a held picture carries it under a spoiler, which
also keeps it: the provider's link dies within a day. Where no card can be posted, and where a
picture is held for long, its file is kept in the database. An open case waits for a channel for as
long as it takes.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import discord
import structlog

from bot.delivery.carry import file_names, picture_of
from bot.delivery.due_work import DueWork
from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.delivery.posts import CLOCKS_DIFFER_US, snowflake_at
from bot.errors import PictureTooLarge, PolicyUnreadable, RelayError, StorageError
from bot.features.moderation.rows.case_views import view_case
from bot.policy.rows import Asking, load_policy
from bot.queue import cases, review
from bot.queue.cases import Case, CaseKind, Decision
from bot.queue.failures import next_wait_s
from bot.queue.postings import fail_picture
from bot.queue.records import (
    NOBODY,
    Address,
    ChannelId,
    Failure,
    PictureState,
    tenant_of,
)
from bot.records import replace
from bot.runtime.health import Pulse
from bot.staff_refusals import UnknownCase
from bot.texts import Texts
from bot.texts.case_cards import case_card, case_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.sqlite import Database
    from bot.delivery.carry import Carried, Carrier, PictureFiles
    from bot.delivery.due_work import Common
    from bot.delivery.posts import KeptFile, Posts
    from bot.features.moderation.rows.case_views import CaseView
    from bot.policy.rules import Policy
    from bot.queue.records import Job, MessageId, TenantId
    from bot.runtime.clock import Clock

POLL_S = 5.0
AT_ONCE = 4
LONGEST_TRY_S = 120.0
SLOWER = 10  # times the wait, up to ten minutes, where no channel takes cards
LOOK_EVERY_S = 60.0  # for pictures that are held for long
KEPT_AFTER_US = 16 * 3_600_000_000  # a third of the link's life is left to fetch them
KEPT_AT_ONCE = 20
_WITH_PICTURE = frozenset({PictureState.HELD, PictureState.WITHHELD})

log = structlog.get_logger("bot.delivery")


class StaffCards(DueWork[Case]):
    """One for the process."""

    def __init__(
        self,
        common: Common,
        *,
        posts: Posts,
        carrier: Carrier,
        files: PictureFiles,
    ) -> None:
        super().__init__("cards of cases", common, at_once=AT_ONCE, poll_s=POLL_S)
        self._posts = posts
        self._carrier = carrier
        self._files = files
        self._deaf: dict[TenantId, int] = {}  # guilds, and the channel that took no card; 0: none

    async def _find(self) -> Sequence[Case]:
        for tenant_id, channel_id in [*self._deaf.items()]:
            if await self._named(tenant_id) != channel_id:
                del self._deaf[tenant_id]
                now_us = self._clock.now_us()
                await self._database.write(cases.make_cases_due, tenant_id, now_us=now_us)
        now_us = self._clock.now_us()
        return await self._database.read(cases.due_cases, now_us=now_us, limit=2 * AT_ONCE)

    async def _named(self, tenant_id: TenantId) -> int:
        """The channel that the staff have named; 0 if there is none."""
        policy = await self._policy(tenant_id)
        return 0 if policy is None else policy.staff_channel

    async def _policy(self, tenant_id: TenantId) -> Policy | None:
        """None while it makes no sense."""
        try:
            return await self._database.read(load_policy, Asking(tenant_id))
        except PolicyUnreadable as error:
            log.error("cases wait for settings that can be read", detail=str(error))  # noqa: TRY400 - says all
            return None

    async def _do(self, case: Case, /) -> None:
        try:
            async with asyncio.timeout(LONGEST_TRY_S):
                await self._say(await self._database.read(view_case, case.id))
        except StorageError:
            raise
        except UnknownCase:
            log.info("case is gone", case=case.id)  # its guild was forgotten
        except DELIVERY_ERRORS as error:
            await self._handle_error(case, error)
        except Exception:
            log.exception("card broke", case=case.id)
            await self._put_off(case)

    async def _say(self, view: CaseView) -> None:
        if view.case.card_message_id is None:
            await self._post(view)
        else:
            await self._edit(view)

    # ---------------------------------------------------------------------------------------------
    # A card is found from an earlier attempt, or posted once.

    async def _post(self, view: CaseView) -> None:
        case = view.case
        is_wanted = case.is_open or case.post_attempted_at_us is not None
        if not is_wanted or not _has_staff(view):
            await self._told(case)
            return
        channel_id = ChannelId(await self._named(case.tenant_id))
        if not channel_id or not await self._is_of(channel_id, case.tenant_id):
            await self._wait_for_channel(case, channel_id)
            return
        texts = await self._texts(view)
        found = await self._found(view, texts, named=channel_id)
        if found is not None:  # what it says may be old: the next look brings it up to date
            await self._database.write(
                cases.record_card, case.id, found.channel_id, found.message_id
            )
            return
        if case.is_open:
            now_us = self._clock.now_us()
            await self._database.write(cases.note_card_attempt, case.id, channel_id, now_us=now_us)
            sent = await self._send(channel_id, view, texts)
            await self._database.write(cases.record_card, case.id, channel_id, sent)
            log.info("staff told of a case", case=case.id, kind=case.kind, guild=case.tenant_id)
        await self._told(case)

    async def _is_of(self, channel_id: ChannelId, tenant_id: TenantId) -> bool:
        """A file of settings may name another guild's."""
        guild_id = await self._posts.guild_of(channel_id)
        return guild_id is not None and tenant_of(guild_id, NOBODY) == tenant_id

    async def _found(self, view: CaseView, texts: Texts, *, named: ChannelId) -> Address | None:
        """Where the last attempt went: the staff may have named another channel since."""
        case = view.case
        if case.post_attempted_at_us is None:
            return None
        channel_id = case.card_channel_id or named
        after = snowflake_at(case.post_attempted_at_us - CLOCKS_DIFFER_US)
        try:
            found = await self._posts.find_own(channel_id, case_marks(case, texts), after=after)
        except discord.HTTPException as error:
            if error_kind(error) is ErrorKind.LATER or channel_id == named:
                raise
            return None  # closed: whatever stands there, nobody decides by it
        return None if found is None else Address(channel_id=channel_id, message_id=found)

    async def _send(self, channel_id: ChannelId, view: CaseView, texts: Texts) -> MessageId:
        put = partial(self._put, channel_id, view, texts)
        job = view.job
        if job is None or not _shows_picture(view):
            return await put()
        try:
            return await self._carrier.carry(_as_spoiler(job), put)
        except RelayError as error:
            is_needed = job.is_held and not isinstance(error, PictureTooLarge)
            if is_needed or error_kind(error) is ErrorKind.LATER:
                raise
            log.info("card without picture", case=view.case.id, error=type(error).__name__)
            return await put()

    async def _put(
        self, channel_id: ChannelId, view: CaseView, texts: Texts, *carried: Carried
    ) -> MessageId:
        """With its picture, if it is given one."""
        image, files = None, list[discord.File]()
        for one in carried:
            image, files = one.image, one.files(texts.say("AI-generated picture"))
            if one.file is None:  # shown by its link alone, which dies
                await self._files.keep(one.job)
        card = case_card(view, texts, image=image)
        return await self._posts.send(channel_id, card, nonce=f"zx{view.case.id}c", files=files)

    async def _texts(self, view: CaseView) -> Texts:
        policy = await self._policy(view.case.tenant_id)
        locale = view.job.origin.guild_locale if view.job else "en-US"
        return Texts((policy and policy.language) or locale)

    # ---------------------------------------------------------------------------------------------
    # A card that stands there is brought up to date.

    async def _edit(self, view: CaseView) -> None:
        case = view.case
        assert case.card_channel_id is not None  # noqa: S101 - _say
        assert case.card_message_id is not None  # noqa: S101 - _say
        on = Address(channel_id=case.card_channel_id, message_id=case.card_message_id)
        try:
            async with self._posts.paced(on.message_id):
                await self._show(on, await self._database.read(view_case, case.id))
        except discord.HTTPException as error:
            if error_kind(error) is ErrorKind.LATER:
                raise
            log.warning("card is gone", case=case.id, code=error.code)
            if case.is_open:  # another one takes its place
                await self._database.write(cases.forget_card, case.id)
                return
        await self._told(case)

    async def _show(self, on: Address, view: CaseView) -> None:
        image, kept = await self._hanging(on, view)
        texts = await self._texts(view)
        if image is None and await self._shows_hidden(on, view, texts):
            return
        await self._posts.edit(on, case_card(view, texts, image=image), attached=kept)

    async def _shows_hidden(self, on: Address, view: CaseView, texts: Texts) -> bool:
        """The picture that its reports have hidden: the staff must see what they decide about."""
        job = view.job
        if job is None or not job.is_hidden or view.case.kind is not CaseKind.REPORT:
            return False

        async def fill(*carried: Carried) -> MessageId:
            (one,) = carried
            files = one.files(texts.say("AI-generated picture"))
            await self._posts.edit(on, case_card(view, texts, image=one.image), attached=files)
            return on.message_id

        try:
            await self._carrier.carry(_as_spoiler(job), fill)
        except RelayError as error:
            if error_kind(error) is ErrorKind.LATER:
                raise
            return False  # nobody has it
        return True

    async def _hanging(self, on: Address, view: CaseView) -> tuple[str | None, list[KeptFile]]:
        """The picture that is there, unless its member has taken it back."""
        if view.job is None or view.job.is_deleted or _is_withdrawn(view.case):
            return None, []
        files = (await self._posts.look(on)).files
        name = next(iter(file_names(view.job) & files.keys()), None)
        return (None, []) if name is None else (f"attachment://{name}", [files[name]])

    async def _told(self, case: Case) -> None:
        """Whatever came since is due still."""
        await self._database.write(cases.case_told, case.id, due_at_us=case.due_at_us)

    # ---------------------------------------------------------------------------------------------
    # What does not work is tried again, and nothing that is held gets lost by it.

    async def _handle_error(self, case: Case, error: BaseException) -> None:
        kind = error_kind(error)
        log.warning(
            "staff not told of a case",
            case=case.id,
            guild=case.tenant_id,
            attempt=case.attempts,
            error=f"{type(error).__name__}: {error}",
        )
        if isinstance(error, RelayError) and kind is ErrorKind.NEVER and case.job_id is not None:
            failure, now_us = Failure(kind=type(error).__name__), self._clock.now_us()
            await self._database.write(fail_picture, case.job_id, failure, now_us=now_us)
            self._wakeup.set()
            await self._put_off(case)
        elif kind is ErrorKind.LATER:
            await self._keep_held(case)
            await self._put_off(case)
        else:
            await self._wait_for_channel(case, await self._named(case.tenant_id))

    async def _wait_for_channel(self, case: Case, channel_id: int) -> None:
        """Until the staff name another one, or open this one again."""
        log.warning("no channel takes a case", case=case.id, guild=case.tenant_id)
        self._deaf[case.tenant_id] = channel_id
        await self._keep_held(case)
        await self._put_off(case, slower=SLOWER)

    async def _put_off(self, case: Case, *, slower: int = 1) -> None:
        wait_s = next_wait_s(attempt=case.attempts + 1, randomness=self._randomness) * slower
        not_before_us = self._clock.now_us() + round(wait_s * 1e6)
        await self._database.write(cases.delay_case, case.id, not_before_us=not_before_us)

    async def _keep_held(self, case: Case) -> None:
        if case.kind is CaseKind.REVIEW and case.is_open and case.job_id is not None:
            job = await self._database.read(review.held_job, case.job_id)
            if job is not None:
                await keep(job, self._files)


class FileKeeper:
    """Keeps files of what is held so long that its link has not long to live. A card is not enough
    then: somebody may delete it, or its channel."""

    def __init__(self, *, database: Database, files: PictureFiles, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self.pulse = Pulse()  # beats with each look that the database has answered

    async def run(self) -> None:
        """Until cancelled."""
        self.pulse.beat()
        while True:
            await self.keep_old()
            await self._clock.sleep_until(self._clock.now_us() + round(LOOK_EVERY_S * 1e6))

    async def keep_old(self) -> None:
        """Some at once."""
        drawn_before_us = self._clock.now_us() - KEPT_AFTER_US
        try:
            for job in await self._database.read(
                review.to_be_kept, drawn_before_us=drawn_before_us, limit=KEPT_AT_ONCE
            ):
                await keep(job, self._files)
                self.pulse.beat()
            self.pulse.beat()
        except StorageError as error:
            log.error("held pictures not kept", error=str(error))  # noqa: TRY400 - says all


async def keep(job: Job, files: PictureFiles) -> None:
    """If it can be had now. Raises StorageError."""
    try:
        async with asyncio.timeout(LONGEST_TRY_S):
            await files.keep(job)
    except StorageError:
        raise
    except DELIVERY_ERRORS as error:
        log.warning("held picture not kept yet", job=job.id, error=type(error).__name__)
    except Exception:  # this loop's end would be the bot's, and again after each start
        log.exception("held picture not kept yet", job=job.id)


def _has_staff(view: CaseView) -> bool:
    """Not outside of guilds; and of reports whose members were forgotten there is no word."""
    is_outside = view.job is not None and view.job.origin.guild_id is None
    return not is_outside and (view.reports is None or view.reports.count > 0)


def _shows_picture(view: CaseView) -> bool:
    """Of one that hangs nowhere else."""
    job = view.job
    if view.case.kind is CaseKind.REPORT:
        return job is not None and job.is_hidden
    is_about = view.case.kind in (CaseKind.REVIEW, CaseKind.APPEAL)
    return is_about and job is not None and bool(job.picture and job.picture.state in _WITH_PICTURE)


def _is_withdrawn(case: Case) -> bool:
    return case.end is not None and case.end.decision is Decision.WITHDRAWN


def _as_spoiler(job: Job) -> Job:
    return replace(job, picture=replace(picture_of(job), is_spoiler=True))
