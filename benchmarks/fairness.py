"""Who waits how long: our scheduler beside the fluid ideal, first come first served, round robin.

10,000 guilds of Zipf size submit 1,000,000 jobs in bursts; the account serves one job a slot. All
four get the same jobs. Delays are slots from arrival to the end of service; jobs that arrive in the
middle 80 % count.

    lone         the guild had nothing waiting when the job arrived
    light guild  asks for at most half of its fair share
    light user   asks for at most half of a member's share (the guild's ÷ its members), in a guild
                 that asks for too much
    gap          by how many jobs one of two guilds of equal weight gets ahead, over any interval in
                 which both have work
"""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.simulator.fluid import Fluid, fluid
from benchmarks.simulator.gaps import Gaps
from benchmarks.simulator.rows import open_rows
from benchmarks.simulator.schedulers import Fair, FairRows, Fifo, RoundRobin, Scheduler, delays
from benchmarks.simulator.workload import Workload, fair_level, workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GUILDS, JOBS = 10_000, 1_000_000
SCENES = ((1.2, 1.0), (0.95, 1.0), (1.5, 1.2), (3.0, 0.8))  # load, Zipf exponent
QUICK_GUILDS, QUICK_JOBS, QUICK_SCENES = 1_000, 40_000, ((1.2, 1.0),)
ROWS, QUICK_ROWS = 5_000, 1_000  # jobs that also go through the real rows
WATCHED = 20  # guilds whose gaps are measured: the largest, and as many spread over the rest
LIMITS = {"lone": 0.6, "light_guild": 1.02, "light_user": 0.95}
RIVALS: dict[str, Callable[[Workload], Scheduler]] = {
    "ours": Fair,
    "round_robin": RoundRobin,
    "fifo": Fifo,
}


@dataclass(frozen=True, slots=True)
class Groups:
    """Numbers of the jobs whose delays are compared."""

    lone: list[int]
    light_guild: list[int]
    light_user: list[int]


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """For each load the three ratios and the gap."""
    guilds, jobs = (QUICK_GUILDS, QUICK_JOBS) if quick else (GUILDS, JOBS)
    gc.disable()  # millions of small objects that all stay: nothing to be found
    try:
        for load, zipf in QUICK_SCENES if quick else SCENES:
            yield from _scene(workload(guilds=guilds, jobs=jobs, load=load, zipf=zipf))
            gc.collect()
    finally:
        gc.enable()
    yield _rows_agree(QUICK_ROWS if quick else ROWS)


def _scene(work: Workload) -> Iterator[dict[str, object]]:
    ideal = fluid(work)
    groups = _groups(work, ideal)
    p99s = {"gps": _p99s(ideal.delays, groups)}
    gaps: dict[str, Gaps] = {}
    for name, make in RIVALS.items():
        gaps[name] = Gaps(_watched(len(work.weight)), work.weight)
        p99s[name] = _p99s(delays(work, make(work), gaps[name]), groups)
    _print_table(work, p99s, gaps)
    for group, limit in LIMITS.items():
        if p99s["gps"][group] is not None:
            yield _ratio(f"fairness_{group}_load_{work.load}", group, limit, p99s)
    for name, measure in (("gap", "widest_equal"), ("gap_of_bound", "of_bound")):
        widest = {who: round(getattr(meter, measure), 3) for who, meter in gaps.items()}
        yield {
            "name": f"fairness_{name}_load_{work.load}",
            "value": widest["ours"],
            "unit": "jobs" if name == "gap" else "× (a job of each, per share)",
            "limit": 1.0,
            "holds": widest["ours"] <= 1.0,
            "beside": {who: gap for who, gap in widest.items() if who != "ours"},
        }


def _rows_agree(jobs: int) -> dict[str, object]:
    """The bot's transactions on SQLite serve the very order that memory does."""
    work = workload(guilds=200, jobs=jobs, load=1.2, zipf=1.0)
    memory = delays(work, Fair(work))
    with open_rows() as rows:
        real = delays(work, FairRows(work, rows))
    differing = sum(a != b for a, b in zip(memory, real, strict=True))
    return {
        "name": "fairness_rows_differ_from_memory",
        "value": differing,
        "unit": "jobs",
        "limit": 0,
        "holds": differing == 0,
        "beside": {"jobs": jobs},
    }


def _ratio(
    name: str, group: str, limit: float, p99s: dict[str, dict[str, float | None]]
) -> dict[str, object]:
    ideal = p99s["gps"][group] or 0.0
    ratios = {who: round((values[group] or 0.0) / ideal, 4) for who, values in p99s.items()}
    return {
        "name": name,
        "value": ratios["ours"],
        "unit": "p99 ÷ GPS",
        "limit": limit,
        "holds": ratios["ours"] <= limit,
        "beside": {
            "gps_p99_slots": round(ideal, 1),
            "round_robin": ratios["round_robin"],
            "fifo": ratios["fifo"],
        },
    }


def _groups(work: Workload, ideal: Fluid) -> Groups:
    count = len(work.at)
    middle = range(count // 10, count - count // 10)
    demand = work.demand()
    level = fair_level(demand, work.weight, 1.0)
    light_guild = [demand[n] <= level * work.weight[n] / 2 for n in range(len(demand))]
    light_users = _light_users(work, demand, level)
    return Groups(
        lone=[job for job in middle if ideal.is_lone[job]],
        light_guild=[job for job in middle if light_guild[work.guild[job]]],
        light_user=[job for job in middle if (work.guild[job], work.user[job]) in light_users],
    )


def _light_users(work: Workload, demand: list[float], level: float) -> set[tuple[int, int]]:
    """Of guilds that ask for more than their share."""
    wishes: dict[int, dict[int, float]] = {}
    for guild, user in zip(work.guild, work.user, strict=True):
        if demand[guild] > level * work.weight[guild]:
            users = wishes.setdefault(guild, {})
            users[user] = users.get(user, 0.0) + 1 / work.until
    found = set()
    for guild, users in wishes.items():
        share = level * work.weight[guild] / len(users)
        found |= {(guild, user) for user, wish in users.items() if wish <= share / 2}
    return found


def _p99s(found: list[float], groups: Groups) -> dict[str, float | None]:
    return {name: _p99([found[job] for job in getattr(groups, name)]) for name in LIMITS}


def _p99(values: list[float]) -> float | None:
    return sorted(values)[int(0.99 * (len(values) - 1))] if values else None


def _watched(guilds: int) -> list[int]:
    largest = list(range(WATCHED))
    return largest + list(range(WATCHED, guilds, max(1, guilds // WATCHED)))


def _print_table(
    work: Workload, p99s: dict[str, dict[str, float | None]], gaps: dict[str, Gaps]
) -> None:
    print(f"  load {work.load}, p99 in slots", file=sys.stderr)
    for name, values in p99s.items():
        cells = "  ".join(
            f"{group} {value:12,.1f}" if value is not None else f"{group} {'–':>12}"
            for group, value in values.items()
        )
        gap = f"gap {gaps[name].widest_equal:10,.2f}" if name in gaps else ""
        print(f"  {name:12} {cells}  {gap}", file=sys.stderr)
