"""The client of Z-Image: one request, one POST, one typed answer or error."""

from __future__ import annotations

from bot.zimage.client import Timeouts, ZImageClient
from bot.zimage.session import open_session
from bot.zimage.wire import Quota

__all__ = ["Quota", "Timeouts", "ZImageClient", "open_session"]
