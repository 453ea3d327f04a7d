"""Every failure is harmless: of Discord, Z-Image, the network, the disk and the process."""

from __future__ import annotations
