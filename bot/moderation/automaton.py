"""Looks for thousands of keys in one pass (Aho and Corasick, 1975).

In a text a letter may be repeated and gaps may lie between letters, and neither counts; keys have
no gaps, and no letter twice in a row.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = " "
_ROOT = 0

Ends = list[tuple[int, tuple[int, ...]]]


class Automaton:
    """Built once. Nodes are numbers; of each, the steps on, where it falls back, and what ends."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._steps: list[dict[str, int]] = [{}]
        self._fails = [_ROOT]
        self._ends: list[tuple[int, ...]] = [()]
        for number, key in enumerate(keys):
            self._add(number, key)
        self._link()

    def _add(self, number: int, key: str) -> None:
        node = _ROOT
        for letter in key:
            if letter not in self._steps[node]:
                self._steps[node][letter] = len(self._steps)
                self._steps.append({})
                self._fails.append(_ROOT)
                self._ends.append(())
            node = self._steps[node][letter]
        self._ends[node] += (number,)

    def _link(self) -> None:
        """Of each node, the longest of its proper ends that is a beginning too."""
        waiting = deque(self._steps[_ROOT].values())
        while waiting:
            parent = waiting.popleft()
            for letter, node in self._steps[parent].items():
                fail = self._fails[parent]
                while fail != _ROOT and letter not in self._steps[fail]:
                    fail = self._fails[fail]
                self._fails[node] = self._steps[fail].get(letter, _ROOT)
                self._ends[node] += self._ends[self._fails[node]]
                waiting.append(node)

    def scan(self, text: str) -> tuple[list[int], Ends]:
        """Where each run of one letter begins; and in which run, by its number, which keys end."""
        steps, fails, ends = self._steps, self._fails, self._ends
        runs: list[int] = []
        found: Ends = []
        node, before = _ROOT, GAP
        for place, letter in enumerate(text):
            if letter in (GAP, before):
                continue
            before = letter
            step = steps[node].get(letter)
            while step is None and node != _ROOT:
                node = fails[node]
                step = steps[node].get(letter)
            node = step or _ROOT
            if ends[node]:
                found.append((len(runs), ends[node]))
            runs.append(place)
        return runs, found
