"""The counters that one transaction touches: read once, changed by the rules, written back once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import fairness
from bot.domain.fairness import Charge, GuildQueue, MemberQueue
from bot.storage.gate import load_gate, save_gate

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.fairness import Weights
    from bot.domain.ids import GuildId, UserId

GUILD = (
    "weight, tag, turn, clock, waiting, ready, ready_cost, ready_members, open_members, running,"
    " running_cap, is_paused"
)
MEMBER = "weight, tag, turn, waiting, ready, ready_cost, running, is_blocked"


class Books:
    """Opened at the start of a change, saved at its end. An exception between leaves no trace."""

    def __init__(self, tx: sqlite3.Connection) -> None:
        self._tx = tx
        self.gate = load_gate(tx)
        self._guilds: dict[GuildId, GuildQueue] = {}
        self._members: dict[tuple[GuildId, UserId], MemberQueue] = {}
        self._people: dict[UserId, int] = {}
        self._moved: set[UserId] = set()  # people whose number of running jobs has changed

    def guild(self, guild_id: GuildId) -> GuildQueue:
        """As stored, or a new one."""
        guild = self._guilds.get(guild_id)
        if guild is None:
            row = self._tx.execute(
                f"SELECT {GUILD} FROM guild WHERE id = ?", (guild_id,)
            ).fetchone()
            guild = self._guilds[guild_id] = GuildQueue(*row) if row else GuildQueue()
        return guild

    def member(self, guild_id: GuildId, user_id: UserId) -> MemberQueue:
        """As stored, or a new one."""
        key = guild_id, user_id
        member = self._members.get(key)
        if member is None:
            row = self._tx.execute(
                f"SELECT {MEMBER} FROM member WHERE guild_id = ? AND user_id = ?", key
            ).fetchone()
            member = self._members[key] = MemberQueue(*row) if row else MemberQueue()
        return member

    def knows(
        self, guild_id: GuildId, guild: GuildQueue, user_id: UserId, member: MemberQueue
    ) -> None:
        """What the claim has found by an index need not be read again."""
        self._guilds[guild_id] = guild
        self._members[guild_id, user_id] = member

    def running_of(self, user_id: UserId) -> int:
        """Over all guilds."""
        running = self._people.get(user_id)
        if running is None:
            row = self._tx.execute(
                "SELECT running FROM person WHERE user_id = ?", (user_id,)
            ).fetchone()
            running = self._people[user_id] = row[0] if row else 0
        return running

    def weigh(self, guild_id: GuildId, user_id: UserId, weights: Weights, running_cap: int) -> None:
        """The shares and the cap that hold from now on."""
        guild = self.guild(guild_id)
        guild.weight = weights.guild
        self.member(guild_id, user_id).weight = weights.member
        if guild.running_cap != running_cap:
            fairness.set_running_cap(self.gate.clock, guild, running_cap)

    def add_ready(self, guild_id: GuildId, user_id: UserId, cost: int) -> None:
        """A job that waits has become due."""
        member = self.member(guild_id, user_id)
        if member.ready == 0:
            member.is_blocked = self.running_of(user_id) >= self.gate.running_per_person
        fairness.add_ready(self.gate.clock, self.guild(guild_id), member, cost)
        self.gate.ready += 1

    def remove_ready(self, guild_id: GuildId, user_id: UserId, cost: int) -> None:
        """A job that was due is withdrawn."""
        member = self.member(guild_id, user_id)
        fairness.remove_ready(self.gate.clock, self.guild(guild_id), member, cost)
        self.gate.ready -= 1

    def add_waiting(self, guild_id: GuildId, user_id: UserId, count: int) -> None:
        self.guild(guild_id).waiting += count
        self.member(guild_id, user_id).waiting += count

    def dispatch(self, guild_id: GuildId, user_id: UserId, cost: int) -> Charge:
        """A job that was due starts to run."""
        gate = self.gate
        charge = fairness.dispatch(
            gate.clock, self.guild(guild_id), self.member(guild_id, user_id), cost
        )
        gate.ready -= 1
        gate.running += 1
        running = self._move(user_id, +1)
        if running == gate.running_per_person:
            self._block(user_id, is_blocked=True)
        return charge

    def free_slot(self, guild_id: GuildId, user_id: UserId) -> None:
        """A job runs no more."""
        gate = self.gate
        fairness.free_slot(gate.clock, self.guild(guild_id), self.member(guild_id, user_id))
        gate.running -= 1
        running = self._move(user_id, -1)
        if running == gate.running_per_person - 1:
            self._block(user_id, is_blocked=False)

    def correct(self, guild_id: GuildId, user_id: UserId, charge: Charge, actual_cost: int) -> None:
        fairness.correct(self.guild(guild_id), self.member(guild_id, user_id), charge, actual_cost)

    def block_everybody_anew(self) -> None:
        """After the cap for one person has changed."""
        for (user_id,) in self._tx.execute(
            "SELECT DISTINCT user_id FROM member WHERE ready > 0"
        ).fetchall():
            is_blocked = self.running_of(user_id) >= self.gate.running_per_person
            self._block(user_id, is_blocked=is_blocked)

    def _move(self, user_id: UserId, by: int) -> int:
        running = self._people[user_id] = self.running_of(user_id) + by
        self._moved.add(user_id)
        return running

    def _block(self, user_id: UserId, *, is_blocked: bool) -> None:
        for guild_id in self._guilds_of(user_id):
            member = self.member(guild_id, user_id)
            if member.ready > 0 and bool(member.is_blocked) != is_blocked:
                fairness.set_blocked(
                    self.gate.clock, self.guild(guild_id), member, is_blocked=is_blocked
                )

    def _guilds_of(self, user_id: UserId) -> list[GuildId]:
        """Where the person has jobs that are due: as stored, and as changed here."""
        stored = self._tx.execute(
            "SELECT guild_id FROM member WHERE user_id = ? AND ready > 0", (user_id,)
        )
        here = {guild_id for guild_id, member_id in self._members if member_id == user_id}
        return sorted({row[0] for row in stored} | here)

    def save(self) -> None:
        save_gate(self._tx, self.gate)
        for guild_id, guild in self._guilds.items():
            _save_guild(self._tx, guild_id, guild)
        for (guild_id, user_id), member in self._members.items():
            _save_member(self._tx, guild_id, user_id, member)
        for user_id in self._moved:
            _save_person(self._tx, user_id, self._people[user_id])


def _placeholders(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))


def _excluded(columns: str) -> str:
    return ", ".join(f"{name.strip()} = excluded.{name.strip()}" for name in columns.split(","))


_SAVE_GUILD = (
    f"INSERT INTO guild ({GUILD}, id) VALUES ({_placeholders(GUILD)}, ?)"
    f" ON CONFLICT (id) DO UPDATE SET {_excluded(GUILD)}"
)
_SAVE_MEMBER = (
    f"INSERT INTO member ({MEMBER}, guild_id, user_id) VALUES ({_placeholders(MEMBER)}, ?, ?)"
    f" ON CONFLICT (guild_id, user_id) DO UPDATE SET {_excluded(MEMBER)}"
)


def _save_guild(tx: sqlite3.Connection, guild_id: GuildId, guild: GuildQueue) -> None:
    tx.execute(
        _SAVE_GUILD,
        (
            guild.weight,
            guild.tag,
            guild.turn,
            guild.clock,
            guild.waiting,
            guild.ready,
            guild.ready_cost,
            guild.ready_members,
            guild.open_members,
            guild.running,
            guild.running_cap,
            guild.is_paused,
            guild_id,
        ),
    )


def _save_member(
    tx: sqlite3.Connection, guild_id: GuildId, user_id: UserId, member: MemberQueue
) -> None:
    tx.execute(
        _SAVE_MEMBER,
        (
            member.weight,
            member.tag,
            member.turn,
            member.waiting,
            member.ready,
            member.ready_cost,
            member.running,
            member.is_blocked,
            guild_id,
            user_id,
        ),
    )


def _save_person(tx: sqlite3.Connection, user_id: UserId, running: int) -> None:
    if running == 0:
        tx.execute("DELETE FROM person WHERE user_id = ?", (user_id,))
        return
    tx.execute(
        "INSERT INTO person (user_id, running) VALUES (?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET running = excluded.running",
        (user_id, running),
    )
