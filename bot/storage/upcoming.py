"""Plays the fair order forward from the rows as they are: the very jobs that come next."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

from bot.domain.fairness import ONE_SHARE
from bot.storage.rows import JOB, job_of

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.storage.transaction import Transaction


def upcoming(tx: Transaction, limit: int) -> list[Job]:
    """The next jobs in the order in which they would be claimed, if nothing changed.

    Caps are left out: they let the order bend only while somebody is at one.
    """
    jobs = _Jobs(tx, limit)
    guilds = [
        (tag, turn, guild_id, weight)
        for guild_id, tag, turn, weight in tx.execute(
            "SELECT id, tag, turn, weight FROM guild WHERE ready_members > 0 AND is_paused = 0"
            " ORDER BY tag, turn LIMIT ?",
            (limit,),
        )
    ]
    heapq.heapify(guilds)
    found: list[Job] = []
    turns = 2**62  # after every stored turn
    while guilds and len(found) < limit:
        tag, _, guild_id, weight = heapq.heappop(guilds)
        job, cost = jobs.next_of(guild_id)
        if job is None:
            continue
        found.append(job)
        turns += 1
        heapq.heappush(guilds, (tag + cost * ONE_SHARE // weight, turns, guild_id, weight))
    return found


class _Jobs:
    """Members and jobs of the guilds that are looked at, read when they are needed."""

    def __init__(self, tx: Transaction, limit: int) -> None:
        self._tx = tx
        self._limit = limit
        self._members: dict[int, list[tuple[int, int, int, int]]] = {}
        self._jobs: dict[tuple[int, int], deque[tuple[Job, int]]] = {}
        self._turns = 2**62

    def next_of(self, guild_id: int) -> tuple[Job | None, int]:
        members = self._members.get(guild_id)
        if members is None:
            members = self._members[guild_id] = self._read_members(guild_id)
        while members:
            tag, _, user_id, weight = heapq.heappop(members)
            jobs = self._jobs_of(guild_id, user_id)
            if not jobs:
                continue
            job, cost = jobs.popleft()
            self._turns += 1
            heapq.heappush(
                members, (tag + cost * ONE_SHARE // weight, self._turns, user_id, weight)
            )
            return job, cost
        return None, 0

    def _read_members(self, guild_id: int) -> list[tuple[int, int, int, int]]:
        return [
            (tag, turn, user_id, weight)
            for user_id, tag, turn, weight in self._tx.execute(
                "SELECT user_id, tag, turn, weight FROM member"
                " WHERE guild_id = ? AND ready > 0 ORDER BY tag, turn LIMIT ?",
                (guild_id, self._limit),
            )
        ]

    def _jobs_of(self, guild_id: int, user_id: int) -> deque[tuple[Job, int]]:
        key = guild_id, user_id
        if key not in self._jobs:
            rows = self._tx.execute(
                f"SELECT cost, {JOB} FROM job WHERE guild_id = ? AND user_id = ?"
                " AND state = 'queued' AND is_due = 1 ORDER BY priority DESC, id LIMIT ?",
                (guild_id, user_id, self._limit),
            )
            self._jobs[key] = deque((job_of(row[1:]), row[0]) for row in rows)
        return self._jobs[key]
