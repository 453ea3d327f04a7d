"""Discord's permissions by the names that its own settings show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.replies.texts import Texts


def permission_list(names: Iterable[str], texts: Texts) -> str:
    """`View Channel, Attach Files`; a flag that has no name here is shown as it is called."""
    return ", ".join(_permission(name, texts) for name in names)


def _permission(name: str, texts: Texts) -> str:
    match name:
        case "view_channel":
            return texts.say("View Channel")
        case "send_messages":
            return texts.say("Send Messages")
        case "attach_files":
            return texts.say("Attach Files")
        case "create_public_threads":
            return texts.say("Create Public Threads")
        case "send_messages_in_threads":
            return texts.say("Send Messages in Threads")
        case _:
            return name.replace("_", " ")
