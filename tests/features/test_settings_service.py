"""What is logged of settings names neither a member nor the words of a style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from bot.db.sqlite import Database
from bot.features.settings.service import SettingsService
from bot.policy.changes import Author, Change
from bot.policy.rules import Key, Scope
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from tests.clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path

ADA, CHANNEL = 1323802878834334937, 1323802878834334940


async def test_a_limit_of_one_member_is_logged_without_the_member(tmp_path: Path) -> None:
    changes = [
        Change(key=Key(Scope.MEMBER, ADA, "member_pictures_per_day", 1), value=5),
        Change(key=Key(Scope.PERSON, ADA, "person_pictures_per_day"), value=7),
        Change(key=Key(Scope.CHANNEL, CHANNEL, "default_size", 1), value=Size(512, 512)),
    ]
    async with Database.open(tmp_path / "zeuxis.db") as database:
        service = SettingsService(database=database, clock=ManualClock(), offer=OFFER)
        with capture_logs() as logs:
            for one in changes:
                author = Author(actor=str(ADA), source="command line")
                await service.change([one], author)
            await service.undo(1, Author(actor=str(ADA), source="discord"))
    told = [(one["scope"], one["scope_id"], one["name"], one["became"]) for one in logs]
    assert told[:2] == [
        (Scope.MEMBER, None, "member_pictures_per_day", "5"),
        (Scope.PERSON, None, "person_pictures_per_day", "7"),
    ]
    assert [one["scope_id"] for one in logs[2:]] == [CHANNEL, CHANNEL]
    assert str(ADA) not in str(logs)
