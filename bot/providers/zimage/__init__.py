"""The client of Z-Image: one request, one POST, one typed answer or error."""

from __future__ import annotations

from bot.providers.call import open_session
from bot.providers.zimage.client import Timeouts, ZImageClient
from bot.providers.zimage.offer import OFFER, price

__all__ = ["OFFER", "Timeouts", "ZImageClient", "open_session", "price"]
