"""The stages of the journeys; here the bot's pace is never what a test waits for."""

from __future__ import annotations

from tests.journeys.conftest import stage, stage_with

__all__ = ["stage", "stage_with"]
