"""The rule of docs/fairness.md written a second time, sharing no code with the bot.

Plain and slow: nothing is counted up and down, and who stands where is looked up among all jobs
whenever something has changed. What costs, charges and caps are is taken from the documents.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

BEFORE_ALL = 10**18  # who is lifted comes before all who stand at that tag


def cost(width_px: int, height_px: int, *, rewrite: bool) -> int:
    """The picture's area in pixels, doubled by rewriting as the price is."""
    area_px = width_px * height_px
    return area_px + area_px if rewrite else area_px


@dataclass
class Flow:
    """A guild, or a member in one."""

    weight: int = 100
    tag: int = 0
    turn: int = 0
    served: int = 0  # the highest tag at which a member was served, or at which nobody waited
    is_open: bool = False

    @property
    def rank(self) -> tuple[int, int]:
        return self.tag, self.turn


@dataclass
class Asked:
    guild: int
    user: int
    cost: int
    priority: int = 0
    is_due: bool = True
    holds_guild: bool = False  # a slot of the guild's cap
    holds_person: bool = False
    charges: tuple[int, int] = (0, 0)  # the guild's and the member's

    def is_due_of(self, key: tuple[int, int]) -> bool:
        return self.is_due and key == (self.guild, self.user)


class Oracle:
    """Guilds, people and jobs are numbers."""

    def __init__(self, *, person_cap: int, guild_cap: int) -> None:
        self.person_cap = person_cap
        self.guild_cap = guild_cap
        self.guilds: dict[int, Flow] = {}
        self.members: dict[tuple[int, int], Flow] = {}
        self.jobs: dict[int, Asked] = {}
        self.paused: set[int] = set()
        self._served = 0
        self._turns = 0

    def submit(self, job: int, asked: Asked, *, weights: tuple[int, int]) -> None:
        key = asked.guild, asked.user
        self.guilds.setdefault(asked.guild, Flow()).weight = weights[0]
        self.members.setdefault(key, Flow()).weight = weights[1]
        self.jobs[job] = asked
        self._settle()

    def next(self, *, with_caps: bool = True) -> int | None:
        """The job whose turn it is. At a cap one stands aside, unless nobody else waits."""
        ready = {key for key in self._ready() if key[0] not in self.paused}
        not_aside = ready - self._aside() if with_caps else ready
        among = not_aside or ready
        if not among:
            return None
        guild = min((key[0] for key in among), key=lambda each: self.guilds[each].rank)
        people = self._people_at_their_cap() if with_caps else set()
        here = {key for key in ready if key[0] == guild}
        members = {key for key in here if key[1] not in people} or here
        first = min(members, key=lambda each: self.members[each].rank)
        jobs = [(-each.priority, job) for job, each in self.jobs.items() if each.is_due_of(first)]
        return min(jobs)[1]

    def start(self, job: int) -> None:
        """The clocks take the tags that are served; then these grow by cost ÷ weight."""
        asked = self.jobs[job]
        guild, member = self.guilds[asked.guild], self.members[asked.guild, asked.user]
        self._served = max(self._served, guild.tag)
        guild.served = max(guild.served, member.tag)
        asked.charges = asked.cost * 100 // guild.weight, asked.cost * 100 // member.weight
        guild.tag += asked.charges[0]
        member.tag += asked.charges[1]
        guild.turn = member.turn = self._turn()
        asked.is_due, asked.holds_guild, asked.holds_person = False, True, True
        self._pass_the_end(guild, member, guild_id=asked.guild)
        self._settle()

    def _pass_the_end(self, guild: Flow, member: Flow, *, guild_id: int) -> None:
        """Where nobody waits for what a job takes, it is nobody's loss: a busy period's end."""
        waiting = {each.guild for each in self.jobs.values() if each.is_due}
        if guild_id not in waiting:
            guild.served = max(guild.served, member.tag)
        if not waiting:
            self._served = max(self._served, guild.tag)

    def end(self, job: int, actual_cost: int | None = None) -> None:
        """Its slots are free; what it was charged becomes its true cost, if that is known."""
        self._free(self.jobs[job], actual_cost)
        del self.jobs[job]
        self._settle()

    def put_back(self, job: int, *, is_due: bool) -> None:
        """As if the attempt had not been."""
        self._free(self.jobs[job], 0)
        self.jobs[job].is_due = is_due
        self._settle()

    def make_due(self, job: int) -> None:
        self.jobs[job].is_due = True
        self._settle()

    def withdraw(self, job: int) -> None:
        del self.jobs[job]
        self._settle()

    def pause(self, guild: int, *, is_paused: bool) -> None:
        (self.paused.add if is_paused else self.paused.discard)(guild)
        self._settle()

    def _free(self, asked: Asked, actual_cost: int | None) -> None:
        asked.holds_guild = False
        self._settle()
        asked.holds_person = False
        self._settle()
        if actual_cost is None:
            return
        flows = self.guilds[asked.guild], self.members[asked.guild, asked.user]
        for flow, charge in zip(flows, asked.charges, strict=True):
            flow.tag += charge * actual_cost // asked.cost - charge

    def _settle(self) -> None:
        """Who is open now and was not is lifted to what was served: idling earns no credit."""
        ready, people = self._ready(), self._people_at_their_cap()
        full = self._guilds_at_their_cap() | self.paused
        open_members = {key for key in ready if key[1] not in people}
        for guild_id, guild in sorted(self.guilds.items()):
            for key in sorted(key for key in self.members if key[0] == guild_id):
                self._open(self.members[key], is_open=key in open_members, served=guild.served)
            is_open = guild_id not in full and any(key[0] == guild_id for key in open_members)
            self._open(guild, is_open=is_open, served=self._served)

    def _open(self, flow: Flow, *, is_open: bool, served: int) -> None:
        if is_open and not flow.is_open:
            flow.turn = self._turn() - (BEFORE_ALL if flow.tag < served else 0)
            flow.tag = max(flow.tag, served)
        flow.is_open = is_open

    def _turn(self) -> int:
        self._turns += 1
        return self._turns

    def _ready(self) -> set[tuple[int, int]]:
        return {(each.guild, each.user) for each in self.jobs.values() if each.is_due}

    def _aside(self) -> set[tuple[int, int]]:
        people, guilds = self._people_at_their_cap(), self._guilds_at_their_cap()
        return {key for key in self.members if key[0] in guilds or key[1] in people}

    def _people_at_their_cap(self) -> set[int]:
        running = Counter(each.user for each in self.jobs.values() if each.holds_person)
        return {user for user, count in running.items() if count >= self.person_cap}

    def _guilds_at_their_cap(self) -> set[int]:
        running = Counter(each.guild for each in self.jobs.values() if each.holds_guild)
        return {guild for guild, count in running.items() if count >= self.guild_cap}
