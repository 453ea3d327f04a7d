"""The fair queue in memory: the rules of `bot.queue.fairness` with heaps in place of indexes.

It makes the very decisions that the rows make; a property test holds the two together. Simulations
of millions of jobs run on it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from bot.queue import fairness
from bot.queue.fairness import Charge, GuildQueue, MemberQueue, VirtualClock, Weights

EVERYBODY = Weights()


@dataclass(slots=True)
class _Member:
    queue: MemberQueue
    jobs: list[tuple[int, int, int]] = field(default_factory=list)  # −priority, job id, cost
    shown: tuple[int, int] = (-1, -1)  # tag and turn of the newest entry in the guild's heap


@dataclass(slots=True)
class _Guild:
    queue: GuildQueue
    members: dict[int, _Member] = field(default_factory=dict)
    turns: list[tuple[int, int, int]] = field(default_factory=list)  # tag, turn, user id
    shown: tuple[int, int] = (-1, -1)


class FairQueue:
    """Jobs are numbers that rise; guilds and people are numbers."""

    def __init__(self, *, running_per_person: int = 32, running_cap: int = 32) -> None:
        self.clock = VirtualClock()
        self.running_per_person = running_per_person
        self.running_cap = running_cap
        self.ready = 0
        self.guilds: dict[int, _Guild] = {}
        self._turns: list[tuple[int, int, int]] = []  # open guilds: tag, turn, guild id
        self._running: dict[int, tuple[int, int, Charge]] = {}
        self._waiting: dict[int, tuple[int, int, int, int]] = {}  # guild, user, cost, priority
        self._delayed: dict[int, tuple[int, int, int]] = {}
        self._people: dict[int, int] = {}
        self._homes: dict[int, set[int]] = {}  # user id: the guilds they were seen in

    def add(
        self,
        job: int,
        guild_id: int,
        user_id: int,
        cost: int,
        *,
        priority: int = 0,
        weights: Weights = EVERYBODY,
    ) -> None:
        """A job is queued and due."""
        guild, member = self._find(guild_id, user_id)
        guild.queue.weight, member.queue.weight = weights.guild, weights.member
        guild.queue.waiting += 1
        member.queue.waiting += 1
        self._enter(job, guild_id, user_id, cost, priority)

    def claim(self) -> int | None:
        """Starts the next job in fair order; None if nothing is due."""
        guild_id = self._next_guild()
        if guild_id is None:
            return None
        guild = self.guilds[guild_id]
        user_id = _next_member(guild)
        member = guild.members[user_id]
        while True:
            before, job, cost = heapq.heappop(member.jobs)
            if self._waiting.get(job) == (guild_id, user_id, cost, -before):
                break
        del self._waiting[job]
        charge = fairness.dispatch(self.clock, guild.queue, member.queue, cost)
        self.ready -= 1
        self._running[job] = guild_id, user_id, charge
        running = self._people[user_id] = self._people.get(user_id, 0) + 1
        if running == self.running_per_person:
            self._block(user_id, is_blocked=True)
        self._show(guild_id, user_id)
        return job

    def finish(self, job: int, actual_cost: int | None = None) -> None:
        """A running job has ended; its charge is corrected to its true cost."""
        guild_id, user_id, charge = self._free(job)
        if actual_cost is not None:
            guild, member = self._find(guild_id, user_id)
            fairness.correct(guild.queue, member.queue, charge, actual_cost)
        self._show(guild_id, user_id)

    def requeue(self, job: int, *, priority: int = 0, is_due: bool = True) -> None:
        """A running job is queued again, its charge taken back; not due: until `make_due`."""
        guild_id, user_id, charge = self._free(job)
        guild, member = self._find(guild_id, user_id)
        fairness.correct(guild.queue, member.queue, charge, 0)
        guild.queue.waiting += 1
        member.queue.waiting += 1
        if is_due:
            self._enter(job, guild_id, user_id, charge.cost, priority)
            return
        self._delayed[job] = guild_id, user_id, charge.cost
        self._show(guild_id, user_id)

    def make_due(self, job: int, *, priority: int = 0) -> None:
        """The end of a backoff."""
        self._enter(job, *self._delayed.pop(job), priority)

    def cancel(self, job: int) -> None:
        """A job that waits is withdrawn."""
        is_due = job in self._waiting
        guild_id, user_id, cost = (self._waiting if is_due else self._delayed).pop(job)[:3]
        guild, member = self._find(guild_id, user_id)
        guild.queue.waiting -= 1
        member.queue.waiting -= 1
        if is_due:
            fairness.remove_ready(self.clock, guild.queue, member.queue, cost)
            self.ready -= 1

    def prioritise(self, job: int, priority: int) -> None:
        """A job that is due changes its place among those of its member."""
        guild_id, user_id, cost, _ = self._waiting[job]
        self._waiting[job] = guild_id, user_id, cost, priority
        heapq.heappush(self.guilds[guild_id].members[user_id].jobs, (-priority, job, cost))

    def pause(self, guild_id: int, *, is_paused: bool) -> None:
        """Stops or resumes a guild; what runs, runs on."""
        guild = self.guilds[guild_id]
        fairness.set_paused(self.clock, guild.queue, is_paused=is_paused)
        self._show_guild(guild_id, guild)

    def _find(self, guild_id: int, user_id: int) -> tuple[_Guild, _Member]:
        guild = self.guilds.get(guild_id)
        if guild is None:
            guild = self.guilds[guild_id] = _Guild(GuildQueue(running_cap=self.running_cap))
        member = guild.members.get(user_id)
        if member is None:
            member = guild.members[user_id] = _Member(MemberQueue())
            self._homes.setdefault(user_id, set()).add(guild_id)
        return guild, member

    def _enter(self, job: int, guild_id: int, user_id: int, cost: int, priority: int) -> None:
        guild, member = self._find(guild_id, user_id)
        if member.queue.ready == 0:
            running = self._people.get(user_id, 0)
            member.queue.is_blocked = running >= self.running_per_person
        heapq.heappush(member.jobs, (-priority, job, cost))
        self._waiting[job] = guild_id, user_id, cost, priority
        fairness.add_ready(self.clock, guild.queue, member.queue, cost)
        self.ready += 1
        self._show(guild_id, user_id)

    def _free(self, job: int) -> tuple[int, int, Charge]:
        guild_id, user_id, charge = self._running.pop(job)
        guild, member = self._find(guild_id, user_id)
        fairness.free_slot(self.clock, guild.queue, member.queue)
        running = self._people[user_id] = self._people[user_id] - 1
        if running == self.running_per_person - 1:
            self._block(user_id, is_blocked=False)
        return guild_id, user_id, charge

    def _block(self, user_id: int, *, is_blocked: bool) -> None:
        for guild_id in sorted(self._homes[user_id]):
            guild = self.guilds[guild_id]
            member = guild.members[user_id].queue
            if member.ready > 0 and member.is_blocked != is_blocked:
                fairness.set_blocked(self.clock, guild.queue, member, is_blocked=is_blocked)
                self._show(guild_id, user_id)

    def _show(self, guild_id: int, user_id: int) -> None:
        """Puts guild and member into the heaps under their present tags; old entries are void."""
        guild = self.guilds[guild_id]
        member = guild.members[user_id]
        now = member.queue.tag, member.queue.turn
        if member.shown != now and member.queue.is_open:
            member.shown = now
            heapq.heappush(guild.turns, (*now, user_id))
        self._show_guild(guild_id, guild)

    def _show_guild(self, guild_id: int, guild: _Guild) -> None:
        now = guild.queue.tag, guild.queue.turn
        if guild.shown != now and guild.queue.is_open:
            guild.shown = now
            heapq.heappush(self._turns, (*now, guild_id))

    def _next_guild(self) -> int | None:
        if self.ready == 0:
            return None
        while self._turns:
            tag, turn, guild_id = self._turns[0]
            guild = self.guilds[guild_id].queue
            if guild.is_open and (guild.tag, guild.turn) == (tag, turn):
                return guild_id
            heapq.heappop(self._turns)
        return self._borrower()

    def _borrower(self) -> int | None:
        """Nobody is open. Those who stand aside are few: they have as many running as they may."""
        standing_aside = [
            (guild.queue.tag, guild.queue.turn, guild_id)
            for guild_id, guild in self.guilds.items()
            if guild.queue.is_ready
        ]
        return min(standing_aside)[2] if standing_aside else None


def _next_member(guild: _Guild) -> int:
    while guild.turns:
        tag, turn, user_id = guild.turns[0]
        member = guild.members[user_id].queue
        if member.is_open and (member.tag, member.turn) == (tag, turn):
            return user_id
        heapq.heappop(guild.turns)
    return min(
        (member.queue.tag, member.queue.turn, user_id)
        for user_id, member in guild.members.items()
        if member.queue.ready > 0
    )[2]
