"""Who draws: what a provider offers, and each of them in a package of its own."""

from __future__ import annotations
