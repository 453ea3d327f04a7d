"""How pictures came from each other: as a tree, and as a line under a picture."""

from __future__ import annotations
