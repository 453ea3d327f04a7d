"""What a member sees of a Discord message, as plain lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Message = dict[str, Any]

_EPHEMERAL = 1 << 6
_THINKING = 1 << 7
_CHILDREN = ("components", "component", "accessory")


def lines(message: Message) -> list[str]:
    """The message from top to bottom: texts, pictures with their alt text, buttons in brackets."""
    found = [line for line in _lines(message) if line.strip()]
    if message.get("flags", 0) & _THINKING:
        found.insert(0, "… is thinking")
    if message.get("flags", 0) & _EPHEMERAL:
        found.append("(only you can see this)")
    return found


def buttons(message: Message) -> list[str]:
    """Labels of the buttons that can be pressed."""
    return [
        one["label"]
        for one in _walk(message)
        if one.get("type") == 2 and not one.get("disabled") and one.get("label")
    ]


def _lines(message: Message) -> Iterator[str]:
    yield from str(message.get("content") or "").splitlines()
    for embed in message.get("embeds", ()):
        yield from f"{embed.get('title', '')}\n{embed.get('description', '')}".splitlines()
    for one in _walk(message):
        if one.get("type") == 10:
            yield from str(one["content"]).splitlines()
        for item in one.get("items", ()):
            yield f"[picture: {item.get('description') or 'no alt text'}]"
    pressable = buttons(message)
    if pressable:
        yield " ".join(f"[ {label} ]" for label in pressable)


def _walk(one: Any) -> Iterator[dict[str, Any]]:
    for key in _CHILDREN:
        below = one.get(key) or ()
        for child in [below] if isinstance(below, dict) else below:
            yield child
            yield from _walk(child)
