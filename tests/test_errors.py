"""The tree at the head of `bot/errors.py` is the tree of its classes."""

from __future__ import annotations

import inspect
import re

from bot import errors

BRANCH = re.compile(r" {4}(?P<stem>(?:│ {3}| {4})*(?:[├└]── )?)(?P<name>\w+)")


def drawn() -> dict[str, str]:
    """What stands above each name in the docstring."""
    above, stem = {}, ["Exception"]
    for line in (errors.__doc__ or "").splitlines():
        found = BRANCH.match(line)
        if found:
            stem[len(found["stem"]) // 4 + 1 :] = [found["name"]]
            above[found["name"]] = stem[-2]
    return above


def test_the_drawn_tree_has_every_error_below_its_parent() -> None:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    assert drawn() == {
        one.__name__: one.__bases__[0].__name__ for one in classes if issubclass(one, Exception)
    }
