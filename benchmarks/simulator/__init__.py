"""Virtual time: the real scheduling code against a provider that is judged exactly."""

from __future__ import annotations
