"""The one place that judges traffic: what clients send, and what the sandbox itself answers.

A request is held against Discord's document, if one is given, and against our own rules; what they
find is kept apart, so that one can say which of the two found it. An answer or an event is held
against the document alone; where it fails, the sandbox is wrong and a test must fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord.rules import rule_problems
from sandbox.discord.rules.problems import Context, refusal, without_ignored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.document import Document
    from sandbox.discord.errors import DiscordError
    from sandbox.discord.rules.problems import Problem

_ALONE = Context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is wrong with a request, by finder.

    Attributes:
        remarks: Fields that Discord does not know and that were let be.
        body: What the client sent, without these fields.
    """

    document: tuple[Problem, ...] = ()
    rules: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    body: object = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the client is told: our rules speak in Discord's words, so they go first."""
        return self.rules or self.document

    def refusal(self) -> DiscordError | None:
        """How Discord would refuse the request; None if nothing is wrong with it."""
        return refusal(self.problems) if self.problems else None


@dataclass(slots=True, kw_only=True)
class Tally:
    """How much was checked, and which answers of the sandbox failed.

    Attributes:
        requests: Requests held against the document.
        refused: Requests with a problem, whoever found it.
        responses: Answers held against the document.
        events: Gateway events that carry an object which the document describes.
        failures: One line for each answer or event that failed.
    """

    requests: int = 0
    refused: int = 0
    responses: int = 0
    events: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Counts another tally in."""
        self.requests += other.requests
        self.refused += other.refused
        self.responses += other.responses
        self.events += other.events
        self.failures += other.failures


class Checks:
    """Judges the traffic of one sandbox."""

    def __init__(self, document: Document | None = None, *, strict_fields: bool = False) -> None:
        """Without a document, our rules alone judge requests, and nothing judges answers.

        Args:
            document: Discord's.
            strict_fields: Unknown fields are wrong, not only remarked on.
        """
        self.tally = Tally()
        self._document = document
        self._strict_fields = strict_fields

    def request(
        self,
        method: str,
        template: str,
        body: object,
        *,
        context: Context = _ALONE,
        query: Mapping[str, str] | None = None,
    ) -> Checked:
        """Judges a request.

        Args:
            method: In capitals.
            template: The path below `/api/v10` with parameters in braces, under any name.
            body: The JSON body, or the `payload_json` of a multipart one; None if there is none.
            context: The uploads, and the message that is edited.
            query: The fields of the query.
        """
        ours = rule_problems(method, template, {} if body is None else body, context)
        remarks: tuple[Problem, ...] = ()
        while not self._strict_fields and (unknown := _about_unknown_fields(ours)):
            remarks += unknown
            body = without_ignored(body, unknown)
            ours = rule_problems(method, template, body, context)
        found: tuple[Problem, ...] = ()
        if self._document is not None and self._document.describes(method, template):
            found = self._document.check_request(method, template, body, query)
            self.tally.requests += 1
        self.tally.refused += bool(found or ours)
        return Checked(document=found, rules=ours, remarks=remarks, body=body)

    def response(
        self, method: str, template: str, status: int, body: object
    ) -> tuple[Problem, ...]:
        """Judges an answer of the sandbox; a failing one stays in the tally."""
        if self._document is None:
            return ()
        found = self._document.check_response(method, template, status, body)
        if found is None:
            return ()
        self.tally.responses += 1
        self.tally.failures += [f"{method} {template} {status}: {problem}" for problem in found]
        return found

    def event(self, name: str, data: object) -> tuple[Problem, ...]:
        """Judges the objects in a gateway event; a failing one stays in the tally."""
        found = None if self._document is None else self._document.check_event(name, data)
        if found is None:
            return ()
        self.tally.events += 1
        self.tally.failures += [f"{name}: {problem}" for problem in found]
        return found


def _about_unknown_fields(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.ignored is not None)
