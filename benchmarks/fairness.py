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
are also played with another exponent; what that gave stands beside.
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
from benchmarks.simulator.workload import Workload, fair_level, workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Figure = dict[str, object]

GUILDS, JOBS = 10_000, 1_000_000
EXPONENTS = {1.2: [1.0], 0.95: [1.0], 1.5: [1.0, 1.2], 3.0: [1.0, 0.8]}  # by load
QUICK_GUILDS, QUICK_JOBS, QUICK_EXPONENTS = 1_000, 40_000, {1.2: [1.0]}
AT_ONCE = 2  # scenes; each takes a core and about a gigabyte
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


@dataclass(frozen=True, slots=True)
class Scene:
    """A workload, played by all."""

    guilds: int
    jobs: int
    load: float
    zipf: float
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """By scheduler, GPS among them: p99 of each group in slots, and the gaps."""

    scene: Scene
    p99s: dict[str, dict[str, float | None]]
    gap: dict[str, float]
    gap_of_bound: dict[str, float]


def run(*, quick: bool = False) -> Iterator[Figure]:
    """For each load the three ratios and the gap."""
    guilds, jobs = (QUICK_GUILDS, QUICK_JOBS) if quick else (GUILDS, JOBS)
    exponents = QUICK_EXPONENTS if quick else EXPONENTS
    scenes = [Scene(guilds, jobs, load, zipf) for load in exponents for zipf in exponents[load]]
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        results = []
        for result in pool.map(play, scenes):
            _print_table(result)
            results.append(result)
    for load in exponents:
        yield from _figures([result for result in results if result.scene.load == load])
    yield _rows_agree(QUICK_ROWS if quick else ROWS)


def play(scene: Scene) -> Result:
    """All schedulers on one workload; a million jobs take two minutes."""
    gc.disable()  # millions of small objects that all stay: nothing to be found
    work = workload(
        guilds=scene.guilds, jobs=scene.jobs, load=scene.load, zipf=scene.zipf, seed=scene.seed
    )
    ideal = fluid(work)
    groups = _groups(work, ideal)
    p99s = {"gps": _p99s(ideal.delays, groups)}
    gaps: dict[str, Gaps] = {}
    for name, make in RIVALS.items():
        gaps[name] = Gaps(_watched(scene.guilds), work.weight)
        p99s[name] = _p99s(delays(work, make(work), gaps[name]), groups)
    gc.enable()
    gc.collect()
    return Result(
        scene,
        p99s,
        gap={name: round(meter.widest_equal, 3) for name, meter in gaps.items()},
        gap_of_bound={name: round(meter.of_bound, 3) for name, meter in gaps.items()},
    )


def _figures(results: list[Result]) -> Iterator[Figure]:
    """Of one load: its first result is held to the limits, the others stand beside."""
    main, others = results[0], results[1:]
    for group, limit in LIMITS.items():
        if main.p99s["gps"][group] is None:
            continue
        yield _figure(
            f"fairness_{group}_load_{main.scene.load}",
            "p99 ÷ GPS",
            limit,
            _ratios(main, group),
            {"gps_p99_slots": round(main.p99s["gps"][group] or 0.0, 1)}
            | {f"ours_zipf_{one.scene.zipf}": _ratios(one, group)["ours"] for one in others},
        )
    for name, unit in (("gap", "jobs"), ("gap_of_bound", "× (a job of each, per share)")):
        yield _figure(
            f"fairness_{name}_load_{main.scene.load}",
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


def _rows_agree(jobs: int) -> Figure:
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


def _print_table(result: Result) -> None:
    scene = result.scene
    print(f"  load {scene.load}, Zipf {scene.zipf}, p99 in slots", file=sys.stderr)
    for name, values in result.p99s.items():
        cells = "  ".join(
            f"{group} {value:12,.1f}" if value is not None else f"{group} {'–':>12}"
            for group, value in values.items()
        )
        gap = f"gap {result.gap[name]:10,.2f}" if name in result.gap else ""
        print(f"  {name:12} {cells}  {gap}", file=sys.stderr)
