"""What it brings to cheat: dripping, dumping, and being one person in many guilds.

drip      always exactly one job waiting, against 20 guilds with many: the next at once, or only
          when the guild has been away long enough to be lifted, and so comes first
mixed     the same at once, the dearest picture and the cheapest in turn, against 20 guilds with
          many of the cheapest; by cost. Naive: who comes back starts one job of theirs behind the
          clock at most, and what they overdrew beyond is forgiven
newcomer  5,000 jobs at once, after 50 guilds were served 2,000 each: how long the others wait
person    one person with jobs in 50 guilds, against 50 people in 50 other guilds, 64 calls at
          once, at most 8 of them one person's while others wait
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from benchmarks.simulator.fair_queue import FairQueue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ONE_JOB = 1024 * 1024
CHEAPEST, DEAREST = 512 * 512, 2048 * 2048 * 2
HONEST = 20
NEWCOMER_JOBS = 5_000
MIXED_ROUNDS = 2_000  # of fewer the first dearest picture is a large part
AT_ONCE, PERSON_CAP = 64, 8


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """The naive way beside each."""
    rounds = 200 if quick else 2_000
    shares = {"at_once": _drip(rounds), "patient": _drip(rounds, is_patient=True)}
    naive = {"new_flows_first": _drip_new_flows_first(rounds)}
    yield _figure("attack_drip", max(shares.values()), "× fair share", 1.01, shares | naive)
    yield _figure(
        "attack_mixed",
        _mixed(MIXED_ROUNDS),
        "× fair share",
        1.01,
        {"overdrawn_is_forgiven": _mixed(MIXED_ROUNDS, is_forgiven=True)},
    )
    wait, rounds_of = _newcomer(50), 51
    yield _figure(
        "attack_newcomer",
        wait,
        "slots between two turns of an old guild",
        rounds_of,
        {"without_lift": _newcomer_without_lift(50)},
    )
    capped, share = _person(PERSON_CAP)
    uncapped, uncapped_share = _person(AT_ONCE)
    yield _figure(
        "attack_person",
        capped,
        "calls at once",
        PERSON_CAP,
        {
            "share": share,
            "fair_share_of_one_in_51": round(1 / 51, 4),
            "without_cap": uncapped,
            "share_without_cap": uncapped_share,
        },
    )


def _drip(rounds: int, *, is_patient: bool = False) -> float:
    """The dripping guild's turns per turn of the others."""
    queue = FairQueue()
    home: dict[int, int] = {}
    number = 0
    for guild in range(HONEST):
        for _ in range(2 * rounds):
            home[number] = guild
            queue.add(number, guild, 0, ONE_JOB)
            number += 1
    dripped = 0
    is_waiting = False
    for _ in range(rounds * (HONEST + 1)):
        if not is_waiting and not (is_patient and _is_early(queue)):
            home[number] = HONEST
            queue.add(number, HONEST, 0, ONE_JOB)
            number += 1
            is_waiting = True
        job = _serve(queue)
        if home[job] == HONEST:
            dripped += 1
            is_waiting = False
    return round(dripped / rounds, 4)


def _is_early(queue: FairQueue) -> bool:
    """The dripping guild has had its turn in this round."""
    dripper = queue.tenants.get(HONEST)
    return dripper is not None and dripper.queue.tag >= queue.clock.tag


def _mixed(rounds: int, *, is_forgiven: bool = False) -> float:
    """What the dripping guild had, by what each of the others had, in cost."""
    queue = FairQueue()
    slots = rounds * (HONEST + 1)
    for number in range(HONEST * slots // 10):
        queue.add(number, number % HONEST, 0, CHEAPEST)
    had = {HONEST: 0, 0: 0}
    first = number = HONEST * slots
    queue.add(number, HONEST, 0, DEAREST)
    for _ in range(slots):
        job = _serve(queue)
        guild, cost = job % HONEST, CHEAPEST
        if job >= first:
            guild, cost = HONEST, CHEAPEST if (job - first) % 2 else DEAREST
            number += 1
            next_cost = CHEAPEST if cost == DEAREST else DEAREST
            tenant = queue.tenants[HONEST].queue
            if is_forgiven:
                tenant.tag = min(tenant.tag, queue.clock.tag + next_cost)
            queue.add(number, HONEST, 0, next_cost)
        if guild in had:
            had[guild] += cost
    return round(had[HONEST] / had[0], 4)


def _drip_new_flows_first(rounds: int) -> float:
    """Who comes with an empty queue goes first: the dripper always does."""
    new, old, dripped = deque([HONEST]), deque(range(HONEST)), 0
    for _ in range(rounds * (HONEST + 1)):
        if new:
            new.popleft()
            dripped += 1
            new.append(HONEST)
        else:
            old.rotate(-1)
    return round(dripped / rounds, 4)


def _newcomer(guilds: int) -> int:
    """The longest time between two turns of an old guild while the newcomer's jobs wait."""
    queue = FairQueue()
    home: dict[int, int] = {}
    for number in range(guilds * 2_200):
        home[number] = number % guilds
        queue.add(number, home[number], 0, ONE_JOB)
    for _ in range(guilds * 2_000):
        _serve(queue)
    for number in range(10**6, 10**6 + NEWCOMER_JOBS):
        home[number] = guilds
        queue.add(number, guilds, 0, ONE_JOB)
    last = dict.fromkeys(range(guilds), 0)
    longest = 0
    for slot in range(1, 150 * (guilds + 1)):
        guild = home[_serve(queue)]
        if guild != guilds:
            longest = max(longest, slot - last[guild])
            last[guild] = slot
    return longest


def _newcomer_without_lift(guilds: int) -> int:
    """Least served first: the newcomer is served until it has had as much as everybody."""
    had = dict.fromkeys(range(guilds), 2_000)
    had[guilds] = 0
    last = dict.fromkeys(range(guilds), 0)
    longest = 0
    for slot in range(1, 2_000 + 3 * guilds):
        guild = min(had, key=had.__getitem__)
        had[guild] += 1
        if guild != guilds:
            longest = max(longest, slot - last[guild])
            last[guild] = slot
    return longest


def _person(cap: int) -> tuple[int, float]:
    """The most calls at once of one person in 50 guilds, and the share of all calls."""
    queue = FairQueue(running_per_person=cap)
    person: dict[int, int] = {}
    for number in range(100 * 300):
        guild = number % 100
        person[number] = 1 if guild < 50 else guild
        queue.add(number, guild, person[number], ONE_JOB)
    running: deque[int] = deque()
    most = served = 0
    count = 10_000
    for _ in range(count):
        if len(running) == AT_ONCE:
            queue.finish(running.popleft())
        job = queue.claim()
        if job is None:
            raise RuntimeError("the queue ran dry")
        running.append(job)
        served += person[job] == 1
        most = max(most, sum(person[one] == 1 for one in running))
    return most, round(served / count, 4)


def _serve(queue: FairQueue) -> int:
    job = queue.claim()
    if job is None:
        raise RuntimeError("the queue ran dry")
    queue.finish(job)
    return job


def _figure(
    name: str, value: float, unit: str, limit: float, beside: Mapping[str, object]
) -> dict[str, object]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "holds": value <= limit,
        "beside": beside,
    }
