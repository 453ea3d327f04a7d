"""A local Z-Image: the interface, the account's limit and ledger, and signed links to results."""

from __future__ import annotations

from sandbox.zimage.account import Pictures, ZImageSettings
from sandbox.zimage.service import FAST, Serving, ZImage, serving

__all__ = ["FAST", "Pictures", "Serving", "ZImage", "ZImageSettings", "serving"]
