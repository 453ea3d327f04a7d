"""The log of all that operator, staff and rules have done: what is set, and every act beside it.

Each guild has its own, and the operator one more. Entries are only ever added, numbered from 1, and
each seals the one before it, so that whatever is changed or taken out by hand shows
(`audit_check`). Who did it and whom it is about are sealed by themselves and with a salt each: when
a member has their data deleted, name and salt go, the seal stays, and an entry says so.

    part    SHA-256 of a salt of 16 bytes and the JSON of [field, value]: of actor, user, whose
    digest  the three parts
    chain   SHA-256 of the chain before and the JSON of all else in the row, the digest in hex
"""

from __future__ import annotations

import json
import secrets
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.policy.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.db import Transaction


class AuditAction(StrEnum):
    """What was done. The values stand in rows."""

    SET = "set"  # a value, a style: what stood there before and after is in the entry
    RULE = "rule"  # a word rule was changed or dropped
    REFUSED = "refused"  # a word rule refused a request
    HELD = "held"  # a picture waits for the staff
    APPROVED = "approved"
    REJECTED = "rejected"
    REPORTED = "reported"
    REMOVED = "removed"  # a picture, by the staff
    WARNED = "warned"
    TIMED_OUT = "timed out"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    IGNORED = "ignored"  # a member's reports are, from now on
    HEARD = "heard"  # again
    DISMISSED = "dismissed"
    APPEALED = "appealed"
    GRANTED = "granted"  # an appeal
    DENIED = "denied"  # likewise
    HIDDEN = "hidden"  # a picture, until the staff have looked at its reports
    DELETED = "deleted"  # a picture, by a moderator's hand
    CANCELLED = "cancelled"  # a request, likewise
    PAUSED = "paused"  # a guild, by the operator: nothing more is drawn for it
    RESUMED = "resumed"
    FORGOTTEN = "forgotten"  # names in earlier entries: their member has had them deleted


class Deed(Struct, frozen=True, kw_only=True):
    """What an entry says.

    Attributes:
        actor: the id of a user, 'operator', or 'rule'; '0': of deleted data.
        source: 'discord', 'command line', 'file' or 'rule'.
        batch: the id of the first entry of what was done at once; None: this one.
        undoes: the batch that this one takes back.
        scope: with the next two, which row of the policy; where none was set, whatever it is about.
        user_id: whom it is about; 0: of deleted data.
        details: what a reader is to know beside, in English; no words and no number of members.
    """

    tenant_id: int
    action: str  # an AuditAction, or another version's
    actor: str
    source: str
    batch: int | None = None
    undoes: int | None = None
    scope: str = ""
    scope_id: int = 0
    name: str = ""
    was: str | None = None
    became: str | None = None
    user_id: int | None = None
    job_id: int | None = None
    case_id: int | None = None
    details: str = ""


FIELDS = ("actor", "user", "whose")  # that name a member, in the order of their salts
SALT_BYTES = 16
BLANK = bytes(SALT_BYTES)  # the salt of a name that was deleted
_COLUMNS = (
    "id, at_us, tenant_id, actor, source, batch, undoes, scope, scope_id, name, was, became,"
    " action, user_id, job_id, case_id, details, number, salt, digest"
)
_JSON = json.JSONEncoder(separators=(",", ":"), default=lambda value: {"bytes": value.hex()}).encode


def enter(tx: Transaction, deed: Deed, *, now_us: int) -> int:
    """Adds it to the log of its guild; returns the entry's id, which grows over all guilds."""
    (entry_id,) = tx.execute("SELECT coalesce(max(id), 0) + 1 FROM audit").fetchone()
    number, before = _newest(tx, deed.tenant_id)
    salt = secrets.token_bytes(SALT_BYTES * len(FIELDS))
    digest = digest_of(salt, (deed.actor, deed.user_id, deed.scope_id))
    row = (
        *(entry_id, now_us, deed.tenant_id, deed.actor, deed.source, deed.batch or entry_id),
        *(deed.undoes, deed.scope, deed.scope_id, deed.name, deed.was, deed.became),
        *(str(deed.action), deed.user_id, deed.job_id, deed.case_id, deed.details),
        *(number + 1, salt, digest),
    )
    chain = chain_of(before, row)
    tx.execute(
        f"INSERT INTO audit ({_COLUMNS}, chain) VALUES ({', '.join('?' * 21)})", (*row, chain)
    )
    tx.execute(
        "INSERT INTO audit_head (tenant_id, number, chain) VALUES (?, ?, ?) ON CONFLICT (tenant_id)"
        " DO UPDATE SET number = excluded.number, chain = excluded.chain",
        (deed.tenant_id, number + 1, chain),
    )
    return int(entry_id)


def _newest(tx: Transaction, tenant_id: int) -> tuple[int, bytes]:
    """Number and chain of the newest entry; 0 and nothing if there is none.

    A head that somebody has worked on stops nothing: what is entered upon it does not fit what
    stands there, and so shows it.
    """
    head = tx.execute(
        "SELECT number, chain FROM audit_head WHERE tenant_id = ?", (tenant_id,)
    ).fetchone()
    (last,) = tx.execute(
        "SELECT coalesce(max(number), 0) FROM audit WHERE tenant_id = ? AND number IS NOT NULL",
        (tenant_id,),
    ).fetchone()
    return (last, b"") if head is None else (max(head[0], last), head[1])


def digest_of(salt: bytes, values: Sequence[object]) -> bytes:
    """Of actor, user and whose, each with its salt."""
    return b"".join(
        sha256(salt_of(salt, at) + _JSON([field, value]).encode()).digest()
        for at, (field, value) in enumerate(zip(FIELDS, values, strict=True))
    )


def salt_of(salt: bytes, at: int) -> bytes:
    """Of one of the `FIELDS`."""
    return salt[at * SALT_BYTES : (at + 1) * SALT_BYTES]


def chain_of(before: bytes, row: Sequence[Any]) -> bytes:
    """Of a row as `_COLUMNS`, upon the chain before it; names and salts are in the digest alone."""
    (entry_id, at_us, tenant_id, _, source, batch, undoes, scope, _, name, was, became,
     action, _, job_id, case_id, details, number, _, digest) = row  # fmt: skip
    sealed = (
        *(number, entry_id, at_us, tenant_id, action, source, batch, undoes, scope, name),
        *(was, became, job_id, case_id, details, digest),
    )
    return sha256(before + _JSON(sealed).encode()).digest()


def note_action(
    tx: Transaction,
    action: AuditAction,
    *,
    tenant_id: int,
    actor: str,
    source: str,
    now_us: int,
    user_id: int | None = None,
    job_id: int | None = None,
    case_id: int | None = None,
    details: str = "",
) -> int:
    """Enters what was done beside settings; the arguments are those of `Deed`."""
    deed = Deed(
        tenant_id=tenant_id,
        action=action,
        actor=actor,
        source=source,
        user_id=user_id,
        job_id=job_id,
        case_id=case_id,
        details=details,
    )
    return enter(tx, deed, now_us=now_us)


# ------------------------------------------------------------------------------------------------
# Members and guilds are forgotten.


_OF_MEMBERS = f"scope IN ('{Scope.MEMBER}', '{Scope.PERSON}')"
_NAMED = {"actor": "actor = ?", "user": "user_id = ?", "whose": f"{_OF_MEMBERS} AND scope_id = ?"}
_BLANKED = {"actor": "actor = '0'", "user": "user_id = 0", "whose": "scope_id = 0"}


def forget_named(tx: Transaction, user_id: int, *, now_us: int) -> None:
    """No entry names them from now on; an entry of each guild's log says which have changed.

    The log of what was done outside of guilds goes, since it bears their number.
    """
    forget_log(tx, user_id)
    found: dict[int, dict[str, list[int]]] = {}
    for at, field in enumerate(FIELDS):
        named: object = str(user_id) if field == "actor" else user_id
        rows = tx.execute(
            f"SELECT id, tenant_id, number, salt FROM audit WHERE {_NAMED[field]}"
            " ORDER BY tenant_id, number",
            (named,),
        ).fetchall()
        for entry_id, tenant_id, number, salt in rows:
            _blank(tx, entry_id, at, salt)
            if number is not None:
                found.setdefault(tenant_id, {}).setdefault(field, []).append(number)
    for tenant_id, numbers in sorted(found.items()):
        details = "; ".join(f"{field} {_ranges(each)}" for field, each in numbers.items())
        note_action(
            tx,
            AuditAction.FORGOTTEN,
            tenant_id=tenant_id,
            actor="0",
            source="discord",
            details=details,
            now_us=now_us,
        )


def _blank(tx: Transaction, entry_id: int, at: int, salt: bytes | None) -> None:
    if salt is not None:
        salt = salt[: at * SALT_BYTES] + BLANK + salt[(at + 1) * SALT_BYTES :]
    tx.execute(f"UPDATE audit SET {_BLANKED[FIELDS[at]]}, salt = ? WHERE id = ?", (salt, entry_id))


def _ranges(numbers: Iterable[int]) -> str:
    """Ascending ones: '1-3,7'."""
    spans: list[list[int]] = []
    for one in numbers:
        if spans and one == spans[-1][1] + 1:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)


def forget_log(tx: Transaction, tenant_id: int) -> None:
    """All of a guild that is forgotten, the head with it: nothing is left that could be checked."""
    tx.execute("DELETE FROM audit WHERE tenant_id = ?", (tenant_id,))
    tx.execute("DELETE FROM audit_head WHERE tenant_id = ?", (tenant_id,))
