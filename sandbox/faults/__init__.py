"""Faults of the servers: what can be ordered, who meets it, and how it is carried out."""

from __future__ import annotations

from sandbox.faults.faults import Faults
from sandbox.faults.kinds import KINDS, Fault, Server, WrongFault, parse_faults
from sandbox.faults.middleware import fault_middleware, met

__all__ = [
    "KINDS",
    "Fault",
    "Faults",
    "Server",
    "WrongFault",
    "fault_middleware",
    "met",
    "parse_faults",
]
