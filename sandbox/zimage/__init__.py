"""A local Z-Image: the interface, the account's limit and ledger, and signed links to results."""

from __future__ import annotations

from sandbox.zimage.service import ZImage
from sandbox.zimage.serving import FAST, Serving, serving
from sandbox.zimage.settings import Pictures, ZImageSettings

__all__ = ["FAST", "Pictures", "Serving", "ZImage", "ZImageSettings", "serving"]
