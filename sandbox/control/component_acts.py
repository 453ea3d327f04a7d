"""Members press buttons, choose from selects and submit modals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.control.options import Resolved
from sandbox.discord import errors
from sandbox.discord.acting import Act, Actor, require_present, send_interaction
from sandbox.discord.components import (
    Button,
    ChannelSelect,
    MentionableSelect,
    RoleSelect,
    Select,
    StringSelect,
    UserSelect,
    find_interactive,
)
from sandbox.discord.permissions import Permission, may
from sandbox.discord.records import InteractionType, Message

if TYPE_CHECKING:
    from sandbox.control.requests import ComponentAct
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

_TYPES: dict[type[Button | Select], int] = {
    Button: 2,
    StringSelect: 3,
    UserSelect: 5,
    RoleSelect: 6,
    MentionableSelect: 7,
    ChannelSelect: 8,
}


def use_component(state: State, actor: Actor, act: ComponentAct) -> Interaction:
    """A member presses a button or chooses from a select.

    Raises:
        DiscordError: 10008 for a message that is not there for them, 50035 for a component that
            is not there, disabled, or not to be used so.
    """
    require_present(state, actor)
    message = visible_message(state, actor, act.message_id)
    component = find_interactive(message.components, act.custom_id)
    if component is None:
        raise _refused("custom_id", f"The message has no component {act.custom_id!r}.")
    if component.disabled is True:
        raise _refused("custom_id", f"The component {act.custom_id!r} is disabled.")
    resolved = Resolved(state, actor.channel)
    data: JsonObject = {
        "custom_id": act.custom_id,
        "component_type": _TYPES[type(component)],
        "id": component.id,
    }
    if not isinstance(component, Button):
        data["values"] = check_choice(component, act.values, resolved, actor.user_id)
        data |= resolved.data()
    used = Act(
        type=InteractionType.COMPONENT,
        data=data,
        owners=message.origin.owners if message.origin else None,
        message=message,
    )
    return send_interaction(state, actor, used)


def visible_message(state: State, actor: Actor, message_id: str) -> Message:
    """A message that the member sees.

    Raises:
        DiscordError: 10008.
    """
    message = state.messages.get(actor.channel.id, {}).get(message_id)
    if message is None or message.viewer_id not in (None, actor.user_id):
        raise errors.DiscordError(errors.UNKNOWN_MESSAGE)
    if not may(state, actor.channel, actor.user_id, Permission.READ_MESSAGE_HISTORY):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    return message


def check_choice(select: Select, values: list[str], resolved: Resolved, actor_id: str) -> list[str]:
    """The chosen values, resolved.

    Raises:
        DiscordError: 50035 for too few, too many or unknown values.
    """
    if not select.min_values <= len(values) <= select.max_values:
        raise _refused(
            "values", f"Choose {select.min_values} to {select.max_values}, not {len(values)}."
        )
    for value in values:
        match select:
            case StringSelect(options=options):
                if value not in [option.value for option in options]:
                    raise _refused("values", f"There is no option {value!r}.")
            case UserSelect():
                resolved.add_user(value)
            case RoleSelect():
                resolved.add_role(value)
            case MentionableSelect():
                resolved.add_mentionable(value)
            case ChannelSelect(channel_types=types):
                resolved.add_channel(value, actor_id, types if isinstance(types, list) else None)
    return values


def _refused(field: str, message: str) -> errors.DiscordError:
    return errors.invalid_field(field, code="CLIENT_REFUSES", message=message)
