"""The audit log, as staff and operator read it."""

from __future__ import annotations
