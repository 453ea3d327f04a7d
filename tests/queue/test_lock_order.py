"""Writers take the latch first, and each verb comes to the tables in one order."""

from __future__ import annotations

import ast
import inspect
import sqlite3
from contextlib import suppress
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.db.sqlite import Database
from bot.delivery.screening import Judgement
from bot.errors import ZeuxisError
from bot.features.guilds.rows import enter, leave
from bot.features.imagine import rows as drafts
from bot.features.imagine.records import TypedRequest
from bot.features.moderation.rows.appeals import AppealKind, open_appeal
from bot.features.moderation.rows.decisions import reject
from bot.features.moderation.rows.notices import NoticeKind, put_notice
from bot.features.moderation.rows.people import set_standing
from bot.features.moderation.rules import Moderator, Ruling
from bot.features.moderation.word_list import RuleStep
from bot.features.settings.file import exported
from bot.features.styles import keep_style
from bot.moderation.thresholds import ScoreOutcome
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.policy.changes import Author, Change, change_policy
from bot.policy.defaults import PersonDefault
from bot.policy.quotas import Span, Subject
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Rewriting, Scope
from bot.policy.standing import PersonStanding, StandingKind
from bot.policy.styles import Style
from bot.providers.zimage import OFFER
from bot.queue import account, recovery
from bot.queue.account import load_account, save_account
from bot.queue.cases import CaseKind, Decision
from bot.queue.controls import Allowance
from bot.queue.postings import MembersDay, mark_delivered
from bot.queue.quota_use import Counted
from bot.queue.records import (
    ChannelId,
    GuildId,
    InteractionId,
    JobId,
    JobState,
    MessageId,
    TenantId,
    UserId,
)
from bot.queue.reports import ReportReason, report
from bot.queue.review import hold_for_staff
from bot.queue.shown import Repost
from bot.records import replace
from bot.refusals import Outage
from tests.queue.lock_order import Ordered, WrongOrder
from tests.queue.world import (
    ACCOUNT,
    LEASE_S,
    REFUSED,
    World,
    a_price,
    a_request,
    an_origin,
    an_outcome,
    open_file,
)
from tests.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.db import Transaction
    from bot.queue.records import Job


def verbs() -> dict[str, Callable[..., Any]]:
    """What the bot hands to `Database.write`, the queue's verbs, and what a restore runs."""
    found = [getattr(queue, name) for name in queue.__all__ if name.islower()]
    found.append(recovery.end_open_jobs)
    for path, there in nodes("bot").items():
        if path.parts[1] in {"queue", "db", "__main__.py"}:
            continue
        found += _handed_on(there, import_module(".".join(path.with_suffix("").parts)))
    return {verb.__name__: verb for verb in found}


def _handed_on(there: list[ast.AST], module: object) -> Iterator[Callable[..., Any]]:
    for call in there:
        if not isinstance(call, ast.Call) or not call.args or _is_read(call):
            continue
        if isinstance(call.args[0], ast.Name | ast.Attribute):
            with suppress(AttributeError):  # a variable
                verb = attrgetter(ast.unparse(call.args[0]))(module)
                if inspect.isfunction(verb) and next(iter(_needs(verb)), "") == "tx":
                    yield verb


def _is_read(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "read"


def _needs(verb: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(verb).parameters)


VERBS = verbs()


TYPED = TypedRequest(prompt="a cat", rewriting=Rewriting.ASK)
COOLDOWN = Key(Scope.GUILD, 1, "cooldown_s", 1)
ADA = Author(actor="11", source="discord")
BLOCK = PersonStanding(tenant_id=1, user_id=1, kind=StandingKind.BLOCKED, set_by=7, set_at_us=1)
A_RULE = WordRule(id=0, name="Sea", outcome=RuleOutcome.REFUSE, words=("walrus",))
NOIR = Style(name="Noir", prompt="noir, {prompt}")


def queued(world: World) -> Job:
    """Two of the member, so that one can be put before the other."""
    world.submit()
    return world.submit().job


def among_others(world: World) -> Job:
    """Another member waits as well."""
    world.submit(user=2)
    return queued(world)


def alone(world: World) -> Job:
    """The member, outside of guilds; it was drawn, so nothing of theirs is in the queue."""
    world.open_outside()
    origin = replace(an_origin(), guild_id=None)
    world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    return world.drawn()


def claimed(world: World) -> Job:
    world.submit()
    return world.claimed()


def sent(world: World) -> Job:
    world.submit()
    return world.sent()


def generated(world: World) -> Job:
    """As if there had been no search when it was drawn."""
    world.submit()
    job = world.drawn()
    world.tx.execute("DELETE FROM picture_word")
    world.tx.execute("INSERT INTO unsearched VALUES (?)", (job.id + 1,))
    return job


def expired(world: World) -> Job:
    """Calls of another worker: one has left, one has not."""
    world.submit(2, 2)
    world.submit(3, 3)
    world.sent("other")
    job = world.claimed("other")
    world.pass_time(LEASE_S)
    return job


def backed_off(world: World) -> Job:
    """The time is over, the job not ready again yet."""
    world.submit()
    job = world.fail(world.sent(), Outage.FAILING)
    world.pass_time(5)
    return job


def tried_in_an_outage(world: World) -> Job:
    """Whatever ends this call ends the outage or goes on with it; another job stands back."""
    for user in (1, 2):
        world.submit(1, user)
    for job in (world.sent(), world.sent()):
        world.fail(job, Outage.ACCOUNT)
    world.now_us = load_account(world.tx, ACCOUNT).breaker.probe_at_us or 0
    world.run(account.note_check, ACCOUNT, None, now_us=world.now_us)
    return world.sent()


def set_by_staff(world: World) -> Job:
    """Something to take back, in a guild that the bot is in; and a style."""
    world.run(enter, GuildId(1), joined_at_us=0, is_old=True, now_us=world.now_us)
    world.run(keep_style, GuildId(1), NOIR, ADA, OFFER, now_us=world.now_us)
    change = Change(key=COOLDOWN, value=30)
    world.run(change_policy, [change], ADA, OFFER, now_us=world.now_us)
    return queued(world)


def left(world: World) -> Job:
    """The bot is in the guild no more, and its settings and jobs are there yet."""
    job = set_by_staff(world)
    world.run(leave, GuildId(1), now_us=world.now_us)
    return job


def drafting(world: World) -> Job:
    """The prompt of one draft is being rewritten."""
    origin, requests = an_origin(interaction=9001), [a_request()]
    world.run(
        drafts.begin_rewriting,
        TYPED,
        requests,
        origin,
        prompt_limit=800,
        price=a_price,
        now_us=world.now_us,
    )
    return queued(world)


def drafted(world: World) -> Job:
    """It is rewritten, and nobody has said a word of it."""
    job = drafting(world)
    tokens = {"input_tokens": 300, "output_tokens": 200}
    world.run(drafts.record_rewriting, _draft_id(world), "a red cat", **tokens, now_us=world.now_us)
    return job


def _draft_id(world: World) -> JobId:
    (draft_id,) = world.tx.execute("SELECT coalesce(max(id), 404) FROM draft").fetchone()
    return JobId(draft_id)


def held(world: World) -> Job:
    """A picture waits for the staff, and another member's was reported."""
    world.submit(user=2)
    other = world.drawn()
    world.run(report, other.id, UserId(3), ReportReason.OTHER, "", now_us=world.now_us)
    key = Key(Scope.GUILD, 1, "review", 1)
    world.run(set_policy, key, Review.ALWAYS, by="7", now_us=world.now_us)
    world.submit()
    job = world.drawn()
    world.run(hold_for_staff, job.id, reasons=("always",), is_spoiler=False, now_us=world.now_us)
    return job


def unscreened(world: World) -> Job:
    """A picture at which nobody has looked."""
    key = Key(Scope.GUILD, 1, "review", 1)
    world.run(set_policy, key, Review.ALWAYS, by="7", now_us=world.now_us)
    world.submit()
    return world.drawn()


def overdue(world: World) -> Job:
    """The staff have let one wait for longer than they want to."""
    job = held(world)
    key = Key(Scope.GUILD, 1, "review_rejects_after_h", 1)
    world.run(set_policy, key, 1, by="7", now_us=world.now_us)
    world.pass_time(7200)
    return job


def reported(world: World) -> Job:
    """A picture that hangs; its member is blocked elsewhere, has something waiting, and is to be
    told of a case."""
    world.submit()
    job = world.drawn()
    world.run(mark_delivered, job.id, now_us=world.now_us)
    world.submit()
    world.run(set_standing, BLOCK, ADA)
    world.run(report, job.id, UserId(3), ReportReason.OTHER, "", now_us=world.now_us)
    world.run(put_notice, UserId(3), _case_id(world), NoticeKind.REPORTED, now_us=world.now_us)
    return job


def appealed(world: World) -> Job:
    """The picture of a member was rejected, and they have appealed."""
    job = held(world)
    case_id = _case_id(world)
    world.run(reject, case_id, by=UserId(7), now_us=world.now_us)
    world.run(
        open_appeal,
        AppealKind.REVIEW,
        case_id,
        user_id=UserId(1),
        tenant_id=TenantId(1),
        words="",
        now_us=world.now_us,
    )
    return job


def blocked(world: World) -> Job:
    """And may appeal."""
    world.submit()
    job = world.drawn()
    world.run(set_standing, BLOCK, ADA)
    return job


def _ruling(world: World, evidence: Outage | None) -> Ruling:
    """That a case of its kind may come to, the harsher one and the milder one."""
    row = world.tx.execute("SELECT kind FROM case_file WHERE id = ?", (_case_id(world),)).fetchone()
    if row == (CaseKind.APPEAL,):
        return Ruling(decision=Decision.DENIED if evidence else Decision.GRANTED)
    if row == (CaseKind.REVIEW,):
        return Ruling(decision=Decision.REJECTED if evidence else Decision.APPROVED)
    return Ruling(decision=Decision.DISMISSED if evidence else Decision.BLOCKED)


def _notice_id(world: World) -> int:
    (notice_id,) = world.tx.execute("SELECT coalesce(max(id), 404) FROM notice").fetchone()
    return int(notice_id)


def _case_id(world: World) -> int:
    (case_id,) = world.tx.execute("SELECT coalesce(max(id), 404) FROM case_file").fetchone()
    return int(case_id)


STARTS = (
    held,
    unscreened,
    overdue,
    reported,
    appealed,
    blocked,
    drafting,
    drafted,
    queued,
    among_others,
    alone,
    set_by_staff,
    left,
    claimed,
    sent,
    generated,
    expired,
    backed_off,
    tried_in_an_outage,
)


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[World, Job]]]:
    folder = tmp_path_factory.mktemp("starts")
    worlds = [World(open_file(folder / f"{start.__name__}.db")) for start in STARTS]
    yield [(world, start(world)) for start, world in zip(STARTS, worlds, strict=True)]
    for world in worlds:
        world.tx.close()


_A_MODERATOR = Moderator(
    user_id=UserId(7),
    guild_id=GuildId(1),
    channel_id=ChannelId(10),
    root_channel_id=ChannelId(10),
    may_moderate=True,
    manages_server=True,
)


def values(world: World, job: Job, evidence: Outage | None) -> dict[str, Any]:
    """For parameters of verbs, by their names."""
    return {
        "account_name": ACCOUNT,
        "against": AppealKind.BLOCK,
        "allowances": [
            Allowance(account=name, requests_per_second=1.0) for name in (ACCOUNT, "second")
        ],
        "author": ADA,
        "before_us": world.now_us + 10**15,
        "by": UserId(1),
        "by_us": 7,
        "changes": [Change(key=COOLDOWN, value=60)],
        "content": exported(1, [(*COOLDOWN, "45")]),
        "changed": {"pings": True},
        "case_id": _case_id(world),
        "channel_id": ChannelId(10),
        "due_at_us": world.now_us,
        "default": PersonDefault(pings=True),
        "decided_before_us": world.now_us,
        "draft_id": _draft_id(world),
        "input_tokens": 300,
        "is_uncertain": evidence is not None,
        "moderator": _A_MODERATOR,
        "output_tokens": 200,
        "prompt_limit": 800,
        "requests": [a_request()],
        "rewritten": "a red cat",
        "rules": ("Slurs",),
        "typed": TYPED,
        "evidence": evidence,
        "failure": REFUSED,
        "guild_id": GuildId(1),
        "hidden_at_us": 1,
        "hung": Repost(interaction_id=InteractionId(99), channel_id=ChannelId(10)),
        "interaction_id": InteractionId(99),
        "is_allowed": True,
        "is_still": (0, 0),
        "is_offered": True,
        "is_paused": True,
        "job": job,
        "job_id": job.id,
        "job_ids": [job.id],
        "joined_at_us": world.now_us,
        "joined_before_us": world.now_us + 1,
        "judgement": Judgement(
            outcome=ScoreOutcome.REFUSE if evidence else ScoreOutcome.HOLD, reasons=("always",)
        ),
        "lease_s": LEASE_S,
        "limit": 9,
        "likeness": 5,
        "link": "https://example.com/a.png",
        "lease_token": "worker",
        "lasts_us": 10**9,
        "left_at_us": world.now_us + 9,
        "kind": StandingKind.BLOCKED,
        "message_id": MessageId(11),
        "name": NOIR.name,
        "offer": OFFER,
        "notes": ("shrunk",),
        "notice_id": _notice_id(world),
        "number": 1,
        "not_before_us": world.now_us + 10**9,
        "now_us": world.now_us,
        "origin": an_origin(),
        "outcome": an_outcome(),
        "present": (),
        "price": a_price,
        "request": a_request(),
        "reason": ReportReason.OTHER,
        "requests_per_second": 1.0,
        "ruling": _ruling(world, evidence),
        "standing": BLOCK,
        "state": JobState.REFUSED,
        "steps": [RuleStep(None, A_RULE)],
        "style": Style(name="Ink", prompt="{prompt} in ink"),
        "tenant_id": TenantId(1),
        "thread_id": ChannelId(12),
        "told": job,
        "text": "a cat",
        "throttled": True,
        "until_us": world.now_us,
        "user_id": UserId(1),
        "user_ids": [UserId(3)],
        "words": "",
        "whose": MembersDay(ChannelId(10), UserId(1), 0),
        "wrong": [Counted(Subject("person", 1, 0), Span(0, 1))],
        "values": {Key(Scope.OPERATOR, 0, "running"): 9},
    }


def written(verb: Callable[..., Any], world: World, given: dict[str, Any]) -> list[str]:
    """The tables in the order of their first writes; undone afterwards."""
    needed = {name: each for name, each in _needs(verb).items() if name != "tx"}
    unknown = {name for name, each in needed.items() if each.default is each.empty} - {*given}
    assert not unknown, f"`values` has none for {unknown} of {verb.__name__}"
    tx = Ordered(world.tx)
    world.tx.execute("BEGIN IMMEDIATE")
    try:
        verb(tx, **{name: given[name] for name in needed if name in given})
    except ZeuxisError:
        pass  # not in this state; what it wrote until then has been looked at
    finally:
        world.tx.execute("ROLLBACK")
    return tx.written


@pytest.mark.parametrize("name", sorted(VERBS))
def test_each_verb_comes_to_the_tables_in_one_order(
    name: str, starts: list[tuple[World, Job]]
) -> None:
    """Account, tenant, member, job: whatever it finds."""
    seen = [
        written(VERBS[name], world, values(world, job, evidence))
        for world, job in starts
        for evidence in (None, Outage.ACCOUNT)
    ]
    assert any(seen), f"{name} wrote nothing anywhere"


def test_a_verb_that_comes_the_other_way_is_seen(world: World) -> None:
    """By what it writes, however the statement is put."""

    def crooked(tx: Transaction) -> None:
        account = load_account(tx, ACCOUNT)
        tx.execute("WITH one AS (SELECT 1) UPDATE job SET priority = 0 WHERE id IN one")
        save_account(tx, account)

    with pytest.raises(WrongOrder, match="account is written after job"):
        world.run(crooked)


async def test_a_writing_transaction_takes_the_latch_first(tmp_path: Path) -> None:
    """Before anything is read on which a change is built."""
    told: list[str] = []

    def tell(tx: Transaction) -> None:
        assert isinstance(tx, sqlite3.Connection)
        tx.set_trace_callback(told.append)

    async with Database.open(tmp_path / "a.db") as database:
        await database.write(tell)
        told.clear()
        await database.write(load_account, ACCOUNT)
    assert told[0] == "BEGIN IMMEDIATE"
