"""Records by Hypothesis, of all fields that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_Record = TypeVar("_Record")


def records(kind: type[_Record], /, **fields: SearchStrategy[Any]) -> SearchStrategy[_Record]:
    """`st.builds` reads the types of the others, some of which are imported for mypy alone."""
    return st.fixed_dictionaries(fields).map(lambda drawn: kind(**drawn))
