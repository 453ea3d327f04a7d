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

Every load is held to its limits with guilds of Zipf size in its plain form, exponent 1. Two loads
are also played with another exponent; what that gave stands beside. And every load is played with
mixed jobs: each guild has its usual size and its own share of rewritten prompts, so that jobs cost
from 1 to 32. Then fairness is in cost, while a slot is still one job whatever it costs.

The limits stand where a member would feel it. A lone job waits 10 slots at most, 5 s at two a
second: as long as its drawing takes. At load 3 the lone jobs alone fill the account, and then they
wait half as long as under the ideal at most. For a light guild or member a wait that is a tenth
longer than the ideal's is not felt.
"""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from benchmarks.simulator.fluid import Fluid, fluid
from benchmarks.simulator.gaps import Gaps
from benchmarks.simulator.rows import open_rows
from benchmarks.simulator.schedulers import Fair, FairRows, Fifo, RoundRobin, Scheduler, delays
from benchmarks.simulator.workload import ONE_JOB, Workload, fair_level, workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Figure = dict[str, object]

GUILDS, JOBS = 10_000, 1_000_000
EXPONENTS = {1.2: [1.0], 0.95: [1.0], 1.5: [1.0, 1.2], 3.0: [1.0, 0.8]}  # by load
QUICK_GUILDS, QUICK_JOBS, QUICK_EXPONENTS = 1_000, 40_000, {1.2: [1.0]}
AT_ONCE = 2  # scenes; each takes a core and about a gigabyte
ROWS, QUICK_ROWS = 5_000, 1_000  # jobs that also go through the real rows
WATCHED = 20  # guilds whose gaps are measured: the largest, and as many spread over the rest
LIMITS = {"lone": 0.5, "light_guild": 1.1, "light_user": 1.1}  # × the ideal
LONE_SLOTS, FILLED_BY_LONE = 10.0, 3.0  # up to this load lone jobs are held to the slots
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


@dataclass(frozen=True, slots=True)
class Scene:
    """A workload, played by all."""

    guilds: int
    jobs: int
    load: float
    zipf: float
    seed: int = 1
    is_mixed: bool = False

    @property
    def kind(self) -> str:
        return "mixed_" if self.is_mixed else ""

    def is_kind(self, load: float, is_mixed: bool) -> bool:
        return (self.load, self.is_mixed) == (load, is_mixed)


@dataclass(frozen=True, slots=True)
class Result:
    """By scheduler, GPS among them: p99 of each group in slots, and the gaps (in jobs if plain)."""

    scene: Scene
    p99s: dict[str, dict[str, float | None]]
    returning: float  # p99 of ours
    gap: dict[str, float]
    gap_of_bound: dict[str, float]


def run(*, quick: bool = False) -> Iterator[Figure]:
    """For each load the three ratios and the gap."""
    guilds, jobs = (QUICK_GUILDS, QUICK_JOBS) if quick else (GUILDS, JOBS)
    exponents = QUICK_EXPONENTS if quick else EXPONENTS
    scenes = [Scene(guilds, jobs, load, zipf) for load in exponents for zipf in exponents[load]]
    scenes += [Scene(guilds, jobs, load, 1.0, is_mixed=True) for load in exponents]
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        results = []
        for result in pool.map(play, scenes):
            _print_table(result)
            results.append(result)
    for is_mixed in (False, True):
        for load in exponents:
            yield from _figures([one for one in results if one.scene.is_kind(load, is_mixed)])
    for is_mixed in (False, True):
        yield _rows_agree(QUICK_ROWS if quick else ROWS, is_mixed=is_mixed)


def play(scene: Scene) -> Result:
    """All schedulers on one workload; a million jobs take two minutes."""
    gc.disable()  # millions of small objects that all stay: nothing to be found
    work = workload(
        guilds=scene.guilds,
        jobs=scene.jobs,
        load=scene.load,
        zipf=scene.zipf,
        seed=scene.seed,
        is_mixed=scene.is_mixed,
    )
    gaps = {name: Gaps(_watched(scene.guilds), work.weight) for name in RIVALS}
    found = {name: delays(work, make(work), gaps[name]) for name, make in RIVALS.items()}
    ends = [at + delay for at, delay in zip(work.at, found["ours"], strict=True)]
    ideal = fluid(work, ends if scene.is_mixed else None)
    groups = _groups(work, ideal, _given_per_slot(work, ends) if scene.is_mixed else 1.0)
    p99s = {"gps": _p99s(ideal.delays, groups)}
    p99s |= {name: _p99s(values, groups) for name, values in found.items()}
    returning = _p99([found["ours"][job] for job in _returning(work, ends)])
    gc.enable()
    gc.collect()
    return Result(
        scene,
        p99s,
        returning=round(returning or 0.0, 1),
        gap={}
        if scene.is_mixed
        else {name: round(meter.widest_equal, 3) for name, meter in gaps.items()},
        gap_of_bound={name: round(meter.of_bound, 3) for name, meter in gaps.items()},
    )


def _figures(results: list[Result]) -> Iterator[Figure]:
    """Of one load: its first result is held to the limits, the others stand beside."""
    main, others = results[0], results[1:]
    for group, limit in LIMITS.items():
        if main.p99s["gps"][group] is None:
            continue
        yield _figure(
            f"fairness_{main.scene.kind}{group}_load_{main.scene.load}",
            "p99 ÷ GPS",
            limit,
            _ratios(main, group),
            {"gps_p99_slots": round(main.p99s["gps"][group] or 0.0, 1)}
            | {f"ours_zipf_{one.scene.zipf}": _ratios(one, group)["ours"] for one in others},
        )
    if main.scene.load < FILLED_BY_LONE:
        slots = {name: round(values["lone"] or 0.0, 1) for name, values in main.p99s.items()}
        name = f"fairness_{main.scene.kind}lone_slots_load_{main.scene.load}"
        beside = {"ours_of_all_with_nothing_waiting_here": main.returning}
        yield _figure(name, "slots, p99", LONE_SLOTS, slots, beside)
    for name, unit in (("gap", "jobs"), ("gap_of_bound", "× (a job of each, per share)")):
        if not getattr(main, name):
            continue
        yield _figure(
            f"fairness_{main.scene.kind}{name}_load_{main.scene.load}",
            unit,
            1.0,
            getattr(main, name),
            {f"ours_zipf_{one.scene.zipf}": getattr(one, name)["ours"] for one in others},
        )


def _ratios(result: Result, group: str) -> dict[str, float]:
    ideal = result.p99s["gps"][group] or float("nan")
    return {
        name: round((values[group] or 0.0) / ideal, 4)
        for name, values in result.p99s.items()
        if name != "gps"
    }


def _figure(
    name: str, unit: str, limit: float, values: dict[str, float], beside: dict[str, float]
) -> Figure:
    return {
        "name": name,
        "value": values["ours"],
        "unit": unit,
        "limit": limit,
        "holds": values["ours"] <= limit,
        "beside": {who: value for who, value in values.items() if who != "ours"} | beside,
    }


def _rows_agree(jobs: int, *, is_mixed: bool) -> Figure:
    """The bot's transactions on SQLite serve the very order that memory does."""
    work = workload(guilds=200, jobs=jobs, load=1.2, zipf=1.0, is_mixed=is_mixed)
    memory = delays(work, Fair(work))
    with open_rows() as rows:
        real = delays(work, FairRows(work, rows))
    differing = sum(a != b for a, b in zip(memory, real, strict=True))
    return {
        "name": f"fairness_{'mixed_' * is_mixed}rows_differ_from_memory",
        "value": differing,
        "unit": "jobs",
        "limit": 0,
        "holds": differing == 0,
        "beside": {"jobs": jobs},
    }


def _given_per_slot(work: Workload, ends: list[float]) -> float:
    """What the account gave while jobs arrived; all that was asked for if it sufficed."""
    if work.load <= 1:
        return float("inf")
    given = sum(cost for cost, end in zip(work.cost, ends, strict=True) if end <= work.until)
    return given / ONE_JOB / work.until


def _groups(work: Workload, ideal: Fluid, capacity: float) -> Groups:
    count = len(work.at)
    middle = range(count // 10, count - count // 10)
    demand = work.demand()
    level = fair_level(demand, work.weight, capacity)
    light_guild = [demand[n] <= level * work.weight[n] / 2 for n in range(len(demand))]
    light_users = _light_users(work, demand, level)
    return Groups(
        lone=[job for job in middle if ideal.is_lone[job]],
        light_guild=[job for job in middle if light_guild[work.guild[job]]],
        light_user=[job for job in middle if (work.guild[job], work.user[job]) in light_users],
    )


def _returning(work: Workload, ends: list[float]) -> list[int]:
    """Jobs that found nothing of their guild waiting here; it may just have had its share."""
    last_end: dict[int, float] = {}
    found = []
    for job, (at, guild) in enumerate(zip(work.at, work.guild, strict=True)):
        if last_end.get(guild, 0.0) - 1 <= at:
            found.append(job)
        last_end[guild] = max(last_end.get(guild, 0.0), ends[job])
    return found[len(found) // 10 : -len(found) // 10]


def _light_users(work: Workload, demand: list[float], level: float) -> set[tuple[int, int]]:
    """Of guilds that ask for more than their share."""
    wishes: dict[int, dict[int, float]] = {}
    for guild, user, cost in zip(work.guild, work.user, work.cost, strict=True):
        if demand[guild] > level * work.weight[guild]:
            users = wishes.setdefault(guild, {})
            users[user] = users.get(user, 0.0) + cost / ONE_JOB / work.until
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


def _print_table(result: Result) -> None:
    scene = result.scene
    print(f"  {scene.kind}load {scene.load}, Zipf {scene.zipf}, p99 in slots", file=sys.stderr)
    for name, values in result.p99s.items():
        cells = "  ".join(
            f"{group} {value:12,.1f}" if value is not None else f"{group} {'–':>12}"
            for group, value in values.items()
        )
        gap = f"gap {result.gap[name]:10,.2f}" if name in result.gap else ""
        print(f"  {name:12} {cells}  {gap}", file=sys.stderr)
