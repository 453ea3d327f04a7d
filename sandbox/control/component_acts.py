"""Members press buttons, choose from selects, and submit modals that the bot put before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.control.options import Resolved
from sandbox.discord import errors
from sandbox.discord.acting import Act, Actor, require_present, send_interaction
from sandbox.discord.components import (
    ActionRow,
    Button,
    ChannelSelect,
    Checkbox,
    CheckboxGroup,
    Field,
    FileUpload,
    Label,
    MentionableSelect,
    RadioGroup,
    RoleSelect,
    Select,
    StringSelect,
    TextDisplay,
    TextInput,
    UserSelect,
    find_interactive,
)
from sandbox.discord.permissions import Permission, may
from sandbox.discord.records import InteractionType, Message, Modal

if TYPE_CHECKING:
    from sandbox.control.acts import ComponentAct, ModalAct
    from sandbox.discord.components import ModalComponent
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

LONGEST_TEXT = 4000


def use_component(state: State, actor: Actor, act: ComponentAct) -> Interaction:
    """A member presses a button or chooses from a select.

    Raises:
        DiscordError: 10008 for a message that is not there for them, 50035 for a component that
            is not there, disabled, or not to be used so.
    """
    require_present(state, actor)
    message = _visible_message(state, actor, act.message_id)
    component = find_interactive(message.components, act.custom_id)
    if component is None:
        raise _refused("custom_id", f"The message has no component {act.custom_id!r}.")
    if component.disabled is True:
        raise _refused("custom_id", f"The component {act.custom_id!r} is disabled.")
    resolved = Resolved(state, actor.channel)
    data: JsonObject = {
        "custom_id": act.custom_id,
        "component_type": _tag(component),
        "id": component.id,
    }
    if not isinstance(component, Button):
        data["values"] = _check_choice(component, act.values, resolved, actor.user_id)
        data |= resolved.data()
    used = Act(
        type=InteractionType.COMPONENT,
        data=data,
        owners=message.origin.owners if message.origin else None,
        message=message,
    )
    return send_interaction(state, actor, used)


def _visible_message(state: State, actor: Actor, message_id: str) -> Message:
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


def _check_choice(
    select: Select, values: list[str], resolved: Resolved, actor_id: str
) -> list[str]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    fields: dict[str, object]
    resolved: Resolved
    actor_id: str


def submit_modal(state: State, actor: Actor, act: ModalAct) -> Interaction:
    """A member submits the modal that was last opened for them.

    Raises:
        DiscordError: 50035 if none is open, or a field is not filled in as it must be.
    """
    require_present(state, actor)
    opener, modal = _open_modal(state, actor, act.custom_id)
    form = _Form(fields=act.fields, resolved=Resolved(state, actor.channel), actor_id=actor.user_id)
    known = {field.custom_id for field in _fields(modal.components)}
    for name in act.fields.keys() - known:
        raise _misfilled(name, "The modal has no such field.")
    components = [_submitted(component, form) for component in modal.components]
    data: JsonObject = {"custom_id": modal.custom_id, "components": components}
    opener.modal = None
    message = None
    if opener.opened_on is not None:
        message = state.messages.get(opener.channel_id, {}).get(opener.opened_on)
    return send_interaction(
        state,
        actor,
        Act(
            type=InteractionType.MODAL,
            data=data | form.resolved.data(),
            owners=opener.origin.owners,
            message=message,
            name=opener.origin.name,
            triggered_by=opener.origin,
        ),
    )


def _open_modal(state: State, actor: Actor, custom_id: str) -> tuple[Interaction, Modal]:
    for interaction in reversed(state.interactions.values()):
        modal = interaction.modal
        is_theirs = interaction.user_id == actor.user_id
        if modal is not None and is_theirs and modal.custom_id == custom_id:
            return interaction, modal
    raise _refused("custom_id", f"No modal {custom_id!r} is open for this member.")


def _fields(components: list[ModalComponent]) -> list[Field]:
    found: list[Field] = []
    for component in components:
        match component:
            case Label(component=field):
                found.append(field)
            case ActionRow(components=[TextInput() as field]):
                found.append(field)
    return found


def _submitted(component: ModalComponent, form: _Form) -> JsonObject:
    match component:
        case Label(component=field):
            inner = _filled(field, form)
            return {"type": 18, "id": component.id, "component": inner}
        case ActionRow(components=[TextInput() as field]):
            return {"type": 1, "id": component.id, "components": [_filled(field, form)]}
        case TextDisplay():
            return {"type": 10, "id": component.id}
    raise _misfilled("components", "The modal holds what a modal cannot hold.")


def _filled(field: Field, form: _Form) -> JsonObject:
    value = form.fields.get(field.custom_id)
    shown: JsonObject = {"id": field.id, "custom_id": field.custom_id, "type": _tag(field)}
    match field:
        case TextInput():
            return shown | {"value": _text(field, value)}
        case FileUpload():
            return shown | {"values": _files(field, value, form)}
        case RadioGroup():
            return shown | {"value": _one(field, value)}
        case CheckboxGroup():
            return shown | {"values": _several(field, value)}
        case Checkbox():
            checked = field.default if value is None else value
            if not isinstance(checked, bool):
                raise _misfilled(field.custom_id, "Must be either true or false.")
            return shown | {"value": checked}
    chosen = _strings(field.custom_id, value)
    if not chosen and field.required is False:
        return shown | {"values": []}
    values = _check_choice(field, chosen, form.resolved, form.actor_id)
    return shown | {"values": values}


def _tag(component: Button | Field) -> int:
    tag = component.__struct_config__.tag
    assert isinstance(tag, int)  # noqa: S101 - components are tagged with their type
    return tag


def _text(field: TextInput, value: object) -> str:
    if value is None:
        value = field.value or ""
    if not isinstance(value, str):
        raise _misfilled(field.custom_id, "Must be a text.")
    shortest = field.min_length if isinstance(field.min_length, int) else 0
    longest = field.max_length if isinstance(field.max_length, int) else LONGEST_TEXT
    if not value:
        if field.required is False:
            return value
        raise _misfilled(field.custom_id, "This field is required")
    if not shortest <= len(value) <= longest:
        raise _misfilled(field.custom_id, f"Must be between {shortest} and {longest} in length.")
    return value


def _files(field: FileUpload, value: object, form: _Form) -> list[str]:
    files = value if isinstance(value, list) else [] if value is None else [value]
    lowest = field.min_values if field.required else 0
    if not lowest <= len(files) <= field.max_values:
        raise _misfilled(
            field.custom_id, f"Upload {lowest} to {field.max_values}, not {len(files)}."
        )
    return [form.resolved.add_file(each) for each in files]


def _one(field: RadioGroup, value: object) -> str | None:
    known = [option.value for option in field.options]
    if value is None:
        value = next((option.value for option in field.options if option.default is True), None)
    if value is None and not field.required:
        return None
    if not isinstance(value, str) or value not in known:
        raise _misfilled(field.custom_id, f"Must be one of {known}.")
    return value


def _several(field: CheckboxGroup, value: object) -> list[str]:
    values = _strings(field.custom_id, value)
    known = [option.value for option in field.options]
    lowest = field.min_values if isinstance(field.min_values, int) else int(field.required)
    highest = field.max_values if isinstance(field.max_values, int) else len(known)
    if not lowest <= len(values) <= highest or not set(values) <= set(known):
        raise _misfilled(field.custom_id, f"Choose {lowest} to {highest} of {known}.")
    return values


def _strings(name: str, value: object) -> list[str]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise _misfilled(name, "Must be texts.")
    return [str(each) for each in values]


def _misfilled(name: str, message: str) -> errors.DiscordError:
    return errors.invalid_field("fields", name, code="CLIENT_REFUSES", message=message)


def _refused(field: str, message: str) -> errors.DiscordError:
    return errors.invalid_field(field, code="CLIENT_REFUSES", message=message)
