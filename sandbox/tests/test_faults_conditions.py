"""Which request meets a fault, and which list of faults is refused."""

from __future__ import annotations

import json

import pytest

from sandbox.clock import SandboxClock
from sandbox.faults import KINDS, Faults, Server, WrongFault, parse_faults
from sandbox.faults.kinds import Error, Latency, Status


def installed(
    *described: dict[str, object], seed: int = 0, clock: SandboxClock | None = None
) -> Faults:
    faults = Faults(clock or SandboxClock.manual(), seed=seed)
    faults.replace(parse_faults(json.dumps(described)))
    return faults


def meets(faults: Faults, path: str = "/x", method: str = "GET") -> bool:
    return bool(faults.take(Server.ZIMAGE, method, path))


def test_a_list_of_faults_is_read() -> None:
    """Conditions have defaults; the kind's own fields follow."""
    (fault,) = parse_faults('[{"server": "zimage", "kind": "latency", "seconds": 2, "times": 1}]')
    assert fault == Latency(server=Server.ZIMAGE, seconds=2, times=1)
    assert parse_faults("[]") == ()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("[{", "truncated"),
        ("{}", "array"),
        ("[1]", "object"),
        ("[{}]", "kind"),
        ('[{"kind": "latency", "seconds": 1}]', "server"),
        ('[{"kind": "earthquake", "server": "zimage"}]', "known kinds are latency, status"),
        ('[{"kind": "drop_after", "server": "nobody"}]', "nobody"),
        ('[{"kind": "latency", "server": "zimage"}]', "seconds"),
        ('[{"kind": "latency", "server": "zimage", "seconds": -1}]', ">= 0.0"),
        ('[{"kind": "drop_after", "server": "zimage", "sometimes": 1}]', "sometimes"),
        ('[{"kind": "drop_after", "server": "zimage", "times": 0}]', ">= 1"),
        ('[{"kind": "drop_after", "server": "zimage", "probability": 2}]', "<= 1.0"),
        ('[{"kind": "drop_after", "server": "zimage", "between": [5, 5]}]', "before it begins"),
        ('[{"kind": "rate_limited", "server": "zimage"}]', "only discord"),
        ('[{"kind": "corrupt_png", "server": "zimage"}]', "only links"),
        ('[{"kind": "error", "code": "Arrearage", "server": "discord"}]', "only openai, zimage"),
    ],
)
def test_a_wrong_list_is_refused_with_its_place(body: str, says: str) -> None:
    """Nothing is installed, and the message names what is wrong."""
    with pytest.raises(WrongFault, match=says):
        parse_faults(body)


def test_every_kind_has_a_name_of_its_own() -> None:
    """The names are part of the sandbox's interface."""
    assert len(set(KINDS)) == len(KINDS) == 28
    assert {"drop_before", "hang_after", "rate_limited", "wrong_size_png"} <= set(KINDS)


def test_only_matching_requests_of_its_server_meet_a_fault() -> None:
    """The glob sees method and path."""
    faults = installed({"kind": "drop_after", "server": "zimage", "match": "POST */generation"})
    assert meets(faults, "/api/v1/generation", "POST")
    assert not meets(faults, "/api/v1/generation", "GET")
    assert not meets(faults, "/api/v1/other", "POST")
    assert not faults.take(Server.DISCORD, "POST", "/api/v1/generation")


def test_the_first_requests_are_skipped_and_then_so_many_are_hit() -> None:
    """`skip` and `times` count matching requests alone."""
    faults = installed(
        {"kind": "drop_after", "server": "zimage", "match": "GET /x", "skip": 2, "times": 3}
    )
    assert not meets(faults, "/other")
    assert [meets(faults) for _ in range(7)] == [False, False, True, True, True, False, False]
    assert faults.snapshot()[0] | {"seen": 7, "fired": 3} == faults.snapshot()[0]


def test_a_probability_is_drawn_from_the_seed() -> None:
    """The same seed harms the same requests; about as many as ordered."""
    described = {"kind": "drop_after", "server": "zimage", "probability": 0.3}
    stands = [installed(described, seed=seed) for seed in (1, 1, 2)]
    runs = [[meets(faults) for _ in range(1000)] for faults in stands]
    assert runs[0] == runs[1] != runs[2]
    assert 250 < sum(runs[0]) < 350


def test_a_schedule_follows_the_sandboxs_clock() -> None:
    """`between` counts from the installation; its end is no part of it."""
    clock = SandboxClock.manual()
    faults = installed(
        {"kind": "drop_after", "server": "zimage", "between": [10, 20]},
        {"kind": "drop_before", "server": "zimage", "between": [20, 30]},
        clock=clock,
    )
    assert not meets(faults)
    clock.advance(10)
    assert meets(faults)
    clock.advance(10)
    assert meets(faults)
    assert faults.fired() == [1, 1]


def test_several_faults_meet_one_request_in_their_order() -> None:
    """A delay and a refusal combine."""
    faults = installed(
        {"kind": "latency", "server": "zimage", "seconds": 1},
        {"kind": "status", "server": "zimage", "status": 503},
    )
    taken = faults.take(Server.ZIMAGE, "GET", "/")
    assert [type(one.fault) for one in taken] == [Latency, Status]


def test_a_replacement_ends_all_that_was_in_force() -> None:
    """The list is installed as a whole, and whoever listens hears it."""
    faults = installed({"kind": "error", "server": "zimage", "code": "Arrearage"})
    heard: list[None] = []
    faults.listen(lambda: heard.append(None))
    assert isinstance(faults.take(Server.ZIMAGE, "GET", "/")[0].fault, Error)
    faults.clear()
    assert not meets(faults)
    assert heard == [None]
    assert faults.snapshot() == []
