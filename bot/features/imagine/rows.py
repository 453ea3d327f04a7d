"""The rows of drafts, and what their rewriting costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.features.imagine.records import Draft, DraftState, TypedRequest
from bot.policy.rows import load_policy, load_rewriter_prices
from bot.policy.rules import Rewriting
from bot.providers.rewriter import most_micros, price_micros
from bot.queue import ledger, quota_use
from bot.queue.counters import next_number
from bot.queue.records import JobId
from bot.queue.submit import asking_of, check_submit, submit
from bot.records import replace
from bot.refusals import DraftClosed, DraftEnd, RewritingOff

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.db import Transaction
    from bot.providers import Pricing
    from bot.providers.image import ImageRequest
    from bot.queue.records import Origin, RoleId, UserId
    from bot.queue.submit import Submitted

DRAFT = (
    "id, state, tenant_id, channel_id, user_id, created_at_us, parent_id, prompt, negative, size,"
    " seed, rewriting, count, rewritten,"
    " (SELECT coalesce(sum(cost_micros), 0) FROM ledger WHERE ledger.job_id = draft.id)"
)
_ENDS = {
    DraftState.OPEN: DraftEnd.OPEN,
    DraftState.USED: DraftEnd.USED,
    DraftState.DROPPED: DraftEnd.DROPPED,
    DraftState.WRITING: DraftEnd.WRITING,
    DraftState.FAILED: DraftEnd.GONE,
}


def draft_of(row: Sequence[Any]) -> Draft:
    prompt, negative, size, seed, rewriting, count = row[7:13]
    return Draft(
        id=row[0],
        state=DraftState(row[1]),
        tenant_id=row[2],
        channel_id=row[3],
        user_id=row[4],
        created_at_us=row[5],
        parent_id=row[6],
        typed=TypedRequest(
            prompt=prompt,
            negative=negative,
            size=size,
            seed=seed,
            rewriting=Rewriting(rewriting),
            count=count,
        ),
        rewritten=row[13],
        cost_micros=int(row[14]),
    )


def begin_rewriting(
    tx: Transaction,
    typed: TypedRequest,
    requests: Sequence[ImageRequest],
    origin: Origin,
    *,
    prompt_limit: int,
    price: Pricing,
    role_ids: Collection[RoleId] = (),
    now_us: int,
) -> Draft:
    """A draft whose prompt is about to be rewritten; what that may come to is reserved, and what
    it nearly uses up is named.

    Args:
        requests: what would be queued; what would be refused is not rewritten.
        prompt_limit: characters that the rewriter may write.
        price: of the provider, for the pictures.

    Raises:
        RewritingOff: the guild allows none.
        DraftClosed: this interaction has a draft.
        Refusal: as submit; nothing was stored.
    """
    _check_is_first(tx, origin)
    asking = asking_of(origin, role_ids)
    policy = load_policy(tx, asking)
    micros = most_micros(typed.prompt, policy.rewriter_prices, limit=prompt_limit)
    check_submit(
        tx,
        requests,
        origin,
        price=price,
        role_ids=role_ids,
        beside_micros=micros,
        now_us=now_us,
    )
    if not policy.rewriting_allowed:
        raise RewritingOff
    draft_id = JobId(next_number(tx))
    warned = quota_use.take(tx, policy, asking, pictures=0, micros=micros, now_us=now_us)
    ledger.reserve(tx, draft_id, origin, None, micros=micros, now_us=now_us)
    draft = _insert(tx, draft_id, DraftState.WRITING, typed, origin, now_us)
    return replace(draft, nearly_used_up=warned)


def record_rewriting(
    tx: Transaction,
    draft_id: JobId,
    rewritten: str,
    *,
    input_tokens: int,
    output_tokens: int,
    now_us: int,
) -> Draft:
    """The prompt is there, and what it cost is settled; of tokens that nobody told, what was
    reserved.

    Raises:
        DraftClosed: it was deleted meanwhile; what was reserved is uncertain already.
    """
    _check_state(tx, draft_id, DraftState.WRITING)
    cost_micros = price_micros(input_tokens, output_tokens, load_rewriter_prices(tx))
    if not input_tokens or not output_tokens:
        cost_micros = ledger.reserved_micros(tx, draft_id)
    ledger.settle(tx, draft_id, ledger.REWRITING, cost_micros=cost_micros, now_us=now_us)
    tx.execute("UPDATE draft SET state = 'open', rewritten = ? WHERE id = ?", (rewritten, draft_id))
    return select_draft(tx, draft_id)


def fail_rewriting(tx: Transaction, draft_id: JobId, *, is_uncertain: bool, now_us: int) -> None:
    """It came to nothing: for nothing, unless nobody knows."""
    row = tx.execute(
        "SELECT 1 FROM draft WHERE id = ? AND state = 'writing'", (draft_id,)
    ).fetchone()
    if row is None:
        return
    _close(tx, draft_id, DraftState.FAILED)
    if is_uncertain:
        ledger.mark_uncertain(tx, draft_id, now_us=now_us)
    else:
        ledger.release(tx, draft_id, ledger.REWRITING, now_us=now_us)


def end_interrupted(tx: Transaction, *, now_us: int) -> int:
    """For a process that starts: nobody hears the answers of the calls of the one before.

    Returns how many there were.
    """
    found = tx.execute("SELECT id FROM draft WHERE state = 'writing'").fetchall()
    for (draft_id,) in found:
        fail_rewriting(tx, JobId(draft_id), is_uncertain=True, now_us=now_us)
    return len(found)


def keep(tx: Transaction, typed: TypedRequest, origin: Origin, *, now_us: int) -> Draft:
    """A draft that costs nothing: to be confirmed, or mended.

    Raises:
        DraftClosed: this interaction has a draft.
    """
    _check_is_first(tx, origin)
    return _insert(tx, JobId(next_number(tx)), DraftState.OPEN, typed, origin, now_us)


def keep_batch(
    tx: Transaction,
    typed: TypedRequest,
    requests: Sequence[ImageRequest],
    origin: Origin,
    *,
    price: Pricing,
    role_ids: Collection[RoleId] = (),
    now_us: int,
) -> tuple[Draft, int]:
    """A draft of several prompts, and what their pictures would cost at this moment.

    Raises as `keep`, and as submit if they would be refused.
    """
    policy = check_submit(tx, requests, origin, price=price, role_ids=role_ids, now_us=now_us)
    micros = sum(price(one, policy.prices) for one in requests)
    return keep(tx, typed, origin, now_us=now_us), micros


def use(
    tx: Transaction,
    request: ImageRequest,
    origin: Origin,
    *,
    draft_id: JobId,
    price: Pricing,
    role_ids: Collection[RoleId] = (),
    more: Sequence[ImageRequest] = (),
    is_suspect: bool = False,
    now_us: int,
) -> Submitted:
    """Submits what is made of a draft, which is used by that; its parent is the draft's.

    Raises as submit does.

    Raises:
        DraftClosed: it was used or dropped before, or is gone.
    """
    _check_state(tx, draft_id, DraftState.OPEN)
    origin = replace(origin, parent_id=select_draft(tx, draft_id).parent_id)
    submitted = submit(
        tx,
        request,
        origin,
        price=price,
        role_ids=role_ids,
        more=more,
        is_suspect=is_suspect,
        now_us=now_us,
    )
    _close(tx, draft_id, DraftState.USED)
    return submitted


def drop(tx: Transaction, draft_id: JobId, user_id: UserId) -> None:
    """Raises DraftClosed."""
    open_draft(tx, draft_id, user_id)
    _close(tx, draft_id, DraftState.DROPPED)


def _close(tx: Transaction, draft_id: JobId, state: DraftState) -> None:
    """Its words are the request's now, and go with the picture; or nobody's."""
    tx.execute(
        "UPDATE draft SET state = ?, prompt = '', negative = '', rewritten = NULL WHERE id = ?",
        (state, draft_id),
    )


def change_rewritten(tx: Transaction, draft_id: JobId, user_id: UserId, rewritten: str) -> Draft:
    """As its member would have it. Raises DraftClosed."""
    open_draft(tx, draft_id, user_id)
    tx.execute("UPDATE draft SET rewritten = ? WHERE id = ?", (rewritten, draft_id))
    return select_draft(tx, draft_id)


def open_draft(tx: Transaction, draft_id: JobId, user_id: UserId) -> Draft:
    """A member's own. Raises DraftClosed; nobody hears of another's."""
    draft = select_draft(tx, draft_id)
    if draft.user_id != user_id:
        raise DraftClosed(DraftEnd.GONE)
    _check_state(tx, draft_id, DraftState.OPEN)
    return draft


def select_draft(tx: Transaction, draft_id: JobId) -> Draft:
    """Raises DraftClosed if there is none."""
    row = tx.execute(f"SELECT {DRAFT} FROM draft WHERE id = ?", (draft_id,)).fetchone()
    if row is None:
        raise DraftClosed(DraftEnd.GONE)
    return draft_of(row)


def forget_old_drafts(tx: Transaction, *, before_us: int) -> int:
    """Deletes those that nobody will come back to; what they have cost stays in the ledger."""
    return tx.execute(
        "DELETE FROM draft WHERE created_at_us < ? AND state <> 'writing'", (before_us,)
    ).rowcount


def _check_state(tx: Transaction, draft_id: JobId, wanted: DraftState) -> None:
    row = tx.execute("SELECT state FROM draft WHERE id = ?", (draft_id,)).fetchone()
    state = None if row is None else DraftState(row[0])
    if state is not wanted:
        raise DraftClosed(_ENDS[state] if state else DraftEnd.GONE)


def _check_is_first(tx: Transaction, origin: Origin) -> None:
    row = tx.execute(
        "SELECT state FROM draft WHERE interaction_id = ?", (origin.interaction_id,)
    ).fetchone()
    if row is not None:
        raise DraftClosed(_ENDS[DraftState(row[0])])


def _insert(
    tx: Transaction,
    draft_id: JobId,
    state: DraftState,
    typed: TypedRequest,
    origin: Origin,
    now_us: int,
) -> Draft:
    tx.execute(
        "INSERT INTO draft (id, state, tenant_id, channel_id, user_id, created_at_us,"
        " interaction_id, parent_id, prompt, negative, size, seed, rewriting, count)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(draft_id, state, origin.tenant_id, origin.root_channel_id, origin.user_id, now_us),
            *(origin.interaction_id, origin.parent_id, typed.prompt, typed.negative, typed.size),
            *(typed.seed, typed.rewriting, typed.count),
        ),
    )
    return select_draft(tx, draft_id)
