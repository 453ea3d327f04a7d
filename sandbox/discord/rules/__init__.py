"""Our own rules for what clients send: what Discord refuses and its document does not say.

Pure functions from a body to problems, one module per noun: `embeds`, `components`, `messages`,
`callbacks` with modals, `commands`, `channels`. Simple limits are tables of *kinds* (`kinds.py`);
the rest is code, which reads bodies and reports by `problems.py`. Here stands which rule judges
which request: a route is Discord's path below `/api/v10` with every parameter written as `{}`, so
that nobody has to agree on parameters' names.

The tables repeat limits that Discord's document has too. That is on purpose: the document is
optional, and a sandbox without it must refuse the same bodies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from sandbox.discord.records import MessageFlag
from sandbox.discord.rules import channels, commands
from sandbox.discord.rules import messages as m
from sandbox.discord.rules.callbacks import callback_problems
from sandbox.discord.rules.problems import Context, Problem

if TYPE_CHECKING:
    from sandbox.discord.rules.kinds import Fields

Rule: TypeAlias = Callable[[object, Context], Iterator[Problem]]

_PARAMETER = re.compile(r"\{[^}]*\}")


def anonymous(template: str) -> str:
    """The template with its parameters' names taken out."""
    return _PARAMETER.sub("{}", template)


def rule_problems(
    method: str, template: str, body: object, context: Context
) -> tuple[Problem, ...]:
    """Everything that our rules find wrong with this request; nothing for a route without rules."""
    rule = _RULES.get((method, anonymous(template)))
    return () if rule is None else tuple(dict.fromkeys(rule(body, context)))


def _sending(kind: Fields, may_set: int = m.SENDABLE) -> Rule:
    return lambda body, context: m.message_problems(kind, body, context, may_set=may_set)


def _editing(kind: Fields) -> Rule:
    return lambda body, context: m.edit_problems(kind, body, context)


def _alone(rule: Callable[[object], Iterator[Problem]]) -> Rule:
    return lambda body, _: rule(body)


_ANSWERING = m.SENDABLE | MessageFlag.EPHEMERAL
_RULES: dict[tuple[str, str], Rule] = {
    ("POST", "/channels/{}/messages"): _sending(m.MESSAGE),
    ("PATCH", "/channels/{}/messages/{}"): _editing(m.EDIT),
    ("POST", "/channels/{}/messages/bulk-delete"): _alone(channels.deletion_problems),
    ("POST", "/channels/{}/messages/{}/threads"): _alone(channels.thread_of_message_problems),
    ("POST", "/channels/{}/threads"): channels.thread_problems,
    ("PATCH", "/channels/{}"): _alone(channels.channel_problems),
    ("POST", "/users/@me/channels"): _alone(channels.direct_problems),
    ("POST", "/interactions/{}/{}/callback"): callback_problems,
    ("POST", "/webhooks/{}/{}"): _sending(m.FOLLOW_UP, _ANSWERING),
    ("PATCH", "/webhooks/{}/{}/messages/@original"): _editing(m.WEBHOOK_EDIT),
    ("PATCH", "/webhooks/{}/{}/messages/{}"): _editing(m.WEBHOOK_EDIT),
} | {
    (method, f"/applications/{{}}{scope}/commands{rest}"): _alone(rule)
    for scope in ("", "/guilds/{}")
    for method, rest, rule in (
        ("PUT", "", commands.bulk_problems),
        ("POST", "", commands.command_problems),
        ("PATCH", "/{}", commands.changed_command_problems),
    )
}
