"""Whether the audit log stands as it was entered, or somebody has worked on its rows by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.policy.audit import (
    BLANK,
    FIELDS,
    SALT_BYTES,
    AuditAction,
    chain_of,
    digest_of,
    salt_of,
)
from bot.policy.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.db import Transaction


class ChainFault(StrEnum):
    """What somebody has done to a log by hand."""

    CHANGED = "changed"  # this entry, or the one before it
    NAME_CHANGED = "name changed"
    NAME_TAKEN = "name taken"  # and no entry says that its member has had it deleted
    NAME_RESTORED = "name restored"  # of a member who has had it deleted
    MISSING = "missing"  # these numbers
    CUT = "cut"  # likewise, at the end
    ADDED = "added"  # beyond the head, or beside the chain
    HEAD_CHANGED = "head changed"


class ChainFinding(Struct, frozen=True, kw_only=True):
    """One fault. `number` and `last` are of entries, or `number` is an id if it has no number."""

    tenant_id: int
    fault: ChainFault
    number: int = 0
    last: int = 0
    name: str = ""  # one of the `FIELDS`


class ChainHead(Struct, frozen=True, kw_only=True):
    """What may be noted elsewhere: who has the database alone cannot make this again."""

    tenant_id: int
    number: int
    chain: bytes


@dataclass(slots=True)
class ChainReport:
    """Of all guilds' logs.

    Attributes:
        unsealed: entries from before there was a chain.
    """

    findings: list[ChainFinding] = field(default_factory=list)
    heads: list[ChainHead] = field(default_factory=list)
    entries: int = 0
    unsealed: int = 0


_ROW = (
    "id, at_us, tenant_id, actor, source, batch, undoes, scope, scope_id, name, was, became,"
    " action, user_id, job_id, case_id, details, number, salt, digest, chain"
)
_ID, _ACTOR, _SCOPE, _SCOPE_ID, _ACTION, _USER = 0, 3, 7, 8, 12, 13
_DETAILS, _NUMBER, _SALT, _DIGEST, _CHAIN = 16, 17, 18, 19, 20
_BLANKS = ("0", 0, 0)
_PART_BYTES = 32
_OF_MEMBERS = (Scope.MEMBER, Scope.PERSON)


def heads(tx: Transaction) -> list[ChainHead]:
    """Of all guilds, the operator's first."""
    rows = tx.execute("SELECT tenant_id, number, chain FROM audit_head ORDER BY tenant_id")
    return [
        ChainHead(tenant_id=tenant_id, number=number, chain=chain)
        for tenant_id, number, chain in rows.fetchall()
    ]


def verify(tx: Transaction) -> ChainReport:
    """Reads all entries there are, one after the other: some seconds for 100,000."""
    report = ChainReport()
    report.heads = heads(tx)
    left = {one.tenant_id: one for one in report.heads}
    rows = tx.execute(
        f"SELECT {_ROW} FROM audit WHERE number IS NOT NULL ORDER BY tenant_id, number"
    )
    for tenant_id, entries in groupby(rows, key=lambda row: row[2]):
        log = _Log(tenant_id)
        for row in entries:
            log.read(row)
        log.end(left.pop(tenant_id, None))
        report.findings += log.findings
        report.entries += log.entries
    report.findings += [_cut(head, 1) for head in left.values()]
    _look_beside(tx, report)
    return report


def _cut(head: ChainHead, first: int) -> ChainFinding:
    return ChainFinding(
        tenant_id=head.tenant_id, fault=ChainFault.CUT, number=first, last=head.number
    )


def _look_beside(tx: Transaction, report: ChainReport) -> None:
    """Ids grow over all logs, so an entry without a number is older than each that has one."""
    rows = tx.execute(
        "SELECT id, tenant_id, id > coalesce("
        "(SELECT min(id) FROM audit WHERE number IS NOT NULL), id)"
        " FROM audit WHERE number IS NULL ORDER BY id"
    )
    for entry_id, tenant_id, is_younger in rows:
        report.unsealed += 1
        if is_younger:
            report.findings.append(
                ChainFinding(
                    tenant_id=tenant_id, fault=ChainFault.ADDED, number=entry_id, last=entry_id
                )
            )


class _Log:
    """One guild's, read in the order of its numbers."""

    def __init__(self, tenant_id: int) -> None:
        self.tenant_id = tenant_id
        self.findings: list[ChainFinding] = []
        self.entries = 0
        self._number = 0
        self._chain = b""
        self._blank: dict[str, set[int]] = {field: set() for field in FIELDS}

    def read(self, row: Sequence[Any]) -> None:
        self.entries += 1
        number = row[_NUMBER]
        if not isinstance(number, int) or number <= self._number:
            self._find(ChainFault.ADDED, row[_ID])
            return
        if number > self._number + 1:
            self._find(ChainFault.MISSING, self._number + 1, last=number - 1)
        elif chain_of(self._chain, row[:_CHAIN]) != row[_CHAIN]:
            self._find(ChainFault.CHANGED, number)
        self._check_names(row)
        if row[_ACTION] == AuditAction.FORGOTTEN:
            self._take_back(number, row[_DETAILS])
        chain = row[_CHAIN]
        self._number, self._chain = number, chain if isinstance(chain, bytes) else b""

    def _check_names(self, row: Sequence[Any]) -> None:
        number, salt, digest = row[_NUMBER], row[_SALT], row[_DIGEST]
        names = (row[_ACTOR], row[_USER], row[_SCOPE_ID])
        if not _is_whole(salt, digest):
            self._find(ChainFault.CHANGED, number)
            return
        if digest_of(salt, names) == digest:  # of most
            return
        for at, name in enumerate(FIELDS):
            if salt_of(salt, at) == BLANK:
                self._check_blank(number, name, names[at] == _BLANKS[at], row[_SCOPE])
            elif _part(digest_of(salt, names), at) != _part(digest, at):
                self._find(ChainFault.NAME_CHANGED, number, name=name)

    def _check_blank(self, number: int, name: str, is_blank: bool, scope: str) -> None:
        if not is_blank or (name == "whose" and scope not in _OF_MEMBERS):
            self._find(ChainFault.NAME_CHANGED, number, name=name)
        self._blank[name].add(number)

    def _take_back(self, number: int, details: str) -> None:
        """What this entry says was deleted, was."""
        for name, numbers in _forgotten(details, before=number):
            for one in numbers:
                if one in self._blank.get(name, ()):
                    self._blank[name].remove(one)
                else:
                    self._find(ChainFault.NAME_RESTORED, one, name=name)

    def end(self, head: ChainHead | None) -> None:
        for name, numbers in self._blank.items():
            for number in sorted(numbers):
                self._find(ChainFault.NAME_TAKEN, number, name=name)
        if head is None or not isinstance(head.number, int):
            self._find(ChainFault.HEAD_CHANGED, self._number)
        elif head.number > self._number:
            self.findings.append(_cut(head, self._number + 1))
        elif head.number < self._number:
            self._find(ChainFault.ADDED, head.number + 1, last=self._number)
        elif head.chain != self._chain:
            self._find(ChainFault.HEAD_CHANGED, self._number)

    def _find(self, fault: ChainFault, number: int, *, last: int = 0, name: str = "") -> None:
        self.findings.append(
            ChainFinding(
                tenant_id=self.tenant_id,
                fault=fault,
                number=number,
                last=max(last, number),
                name=name,
            )
        )


def _is_whole(salt: object, digest: object) -> bool:
    parts = len(FIELDS)
    return (
        isinstance(salt, bytes)
        and isinstance(digest, bytes)
        and (len(salt), len(digest)) == (SALT_BYTES * parts, _PART_BYTES * parts)
    )


def _part(digest: bytes, at: int) -> bytes:
    return digest[at * _PART_BYTES : (at + 1) * _PART_BYTES]


def _forgotten(details: str, *, before: int) -> Iterator[tuple[str, Iterable[int]]]:
    """'actor 1-3,7; user 5'. What cannot be read has been changed, and its chain says so."""
    for part in str(details).split("; "):
        name, _, spans = part.partition(" ")
        for span in spans.split(","):
            first, _, last = span.partition("-")
            if first.isdecimal() and (last or first).isdecimal():
                yield name, range(int(first), min(int(last or first) + 1, before))
