"""Seeded bad weather for both servers: every switch of the sandbox's faults, a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

Fault = dict[str, Any]

# Kinds that any server knows; probabilities are per request.
_ANYWHERE: tuple[Fault, ...] = (
    {"kind": "latency", "seconds": 0.5, "jitter": 4.0, "probability": 0.5},
    {"kind": "status", "status": 500, "probability": 0.3},
    {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>", "probability": 0.3},
    {"kind": "status", "status": 503, "probability": 1.0},
    {"kind": "drop_before", "probability": 0.3},
    {"kind": "drop_after", "probability": 0.1},
    {"kind": "hang_before", "probability": 0.1},
    {"kind": "hang_after", "probability": 0.05},
    {"kind": "slow_body", "bytes_per_second": 20_000, "probability": 0.3},
    {"kind": "cut_body", "after_bytes": 40, "probability": 0.1},
    {"kind": "gzip", "on": True},
    {"kind": "chunked", "on": True},
)
_OF: dict[str, tuple[Fault, ...]] = {
    "zimage": (
        {"kind": "error", "code": "InternalError.Algo", "probability": 0.4},
        {"kind": "error", "code": "InternalError.Timeout", "probability": 0.4},
        {"kind": "error", "code": "ModelServingError", "probability": 0.4},
        {"kind": "error", "code": "Throttling.RateQuota", "probability": 0.3},
        {"kind": "error", "code": "Throttling.BurstRate", "times": 2},
        {"kind": "error", "code": "Throttling.AllocationQuota", "times": 1, "retry_after": 2},
        {"kind": "error", "code": "DataInspectionFailed", "probability": 0.2},
        {"kind": "error", "code": "IPInfringementSuspect", "probability": 0.1},
        {"kind": "error", "code": "InvalidParameter", "probability": 0.1},
        {"kind": "error", "code": "Arrearage", "times": 1},
        {"kind": "error", "code": "InvalidApiKey", "times": 1},
        {"kind": "no_image", "probability": 0.1},
        {"kind": "empty_choices", "probability": 0.1},
        {"kind": "broken_json", "probability": 0.05},
        {"kind": "html", "probability": 0.3},
        {"kind": "burst_rate"},
        {"kind": "retry_after"},
        {"kind": "unknown_model", "status": 400},
    ),
    "links": (
        {"kind": "corrupt_png", "probability": 0.2},
        {"kind": "truncated_png", "probability": 0.2},
        {"kind": "wrong_size_png", "probability": 0.05},
        {"kind": "not_png", "probability": 0.05},
        {"kind": "link_expired", "probability": 0.05},
        {"kind": "link_purged", "probability": 0.05},
        {"kind": "provider_metadata"},
    ),
    "discord": (
        {"kind": "rate_limited", "scope": "user", "retry_after": 1.0, "probability": 0.2},
        {"kind": "rate_limited", "scope": "shared", "retry_after": 2.0, "probability": 0.2},
        {"kind": "rate_limited", "scope": "global", "retry_after": 1.0, "probability": 0.02},
        {"kind": "rate_limited", "scope": "cloudflare", "retry_after": 1.0, "times": 3},
    ),
}
SWITCHES = [
    {"server": server, **fault} for server, own in _OF.items() for fault in (*_ANYWHERE, *own)
]
_CALMER = 0.3


def weather(chance: Random) -> list[Fault]:
    """The faults until the next change: none at times, up to three at others."""
    if chance.random() < _CALMER:
        return []
    return chance.sample(SWITCHES, chance.randint(1, 3))
