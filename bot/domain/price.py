"""What a picture costs. Z-Image is priced per image, whatever its size (model card, 2026)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Micro-dollars per image, without and with rewriting."""

    plain_micros: int = 15_000
    rewritten_micros: int = 30_000

    def of(self, *, rewrite: bool) -> int:
        return self.rewritten_micros if rewrite else self.plain_micros


def dollars(micros: int) -> str:
    """`$0.015`, `$1.20`: at least two decimals, nothing rounded away."""
    whole, fraction = divmod(micros, 1_000_000)
    digits = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"${whole}.{digits}"
