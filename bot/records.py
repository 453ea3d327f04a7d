"""What records have in common. A record is a frozen msgspec struct; what changes is a dataclass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    # mypy checks each field's type in this one, and takes a struct for a dataclass
    from dataclasses import replace
else:
    from msgspec.structs import replace

__all__ = ["Redacted", "replace"]


class Redacted(Struct, frozen=True):
    """Holds a credential or a whole file, which no log and no traceback may show."""

    redacted: ClassVar[tuple[str, ...]] = ()  # fields that its `repr` leaves out

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """For structlog's tracebacks, where it has rich."""
        names = (name for name in self.__struct_fields__ if name not in self.redacted)
        return [(name, getattr(self, name)) for name in names]
