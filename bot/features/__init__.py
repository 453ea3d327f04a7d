"""What members and staff can do, one package each: rules, rows, service and cards."""

from __future__ import annotations
