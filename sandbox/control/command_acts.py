"""Members call commands: slash commands, autocomplete, and the menus of messages and users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.control.options import Resolved, option_objects
from sandbox.discord import errors
from sandbox.discord.acting import Act, Actor, require_present, send_interaction
from sandbox.discord.interactions import (
    UNNAMED_CONTEXTS,
    Command,
    CommandOption,
    CommandType,
    OptionType,
    command_owners,
    context_of,
)
from sandbox.discord.message_objects import message_object
from sandbox.discord.permissions import ALL, Permission, channel_permissions
from sandbox.discord.records import InteractionType

if TYPE_CHECKING:
    from sandbox.control.acts import (
        AutocompleteAct,
        CommandAct,
        MessageCommandAct,
        UserCommandAct,
    )
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


def call_command(state: State, actor: Actor, act: CommandAct) -> Interaction:
    """A member calls a slash command.

    Raises:
        DiscordError: as the client would refuse it, or 10063 for an unknown command.
    """
    command, words = _find(state, actor, act.name, CommandType.CHAT_INPUT)
    resolved = Resolved(state, actor.channel)
    options = _filled(command, words, act.options, resolved, actor.user_id)
    data = _data(command) | {"options": options} | resolved.data()
    called = Act(
        type=InteractionType.COMMAND,
        data=data,
        owners=_owners(state, actor, command),
        name=act.name,
    )
    return send_interaction(state, actor, called)


def type_into(state: State, actor: Actor, act: AutocompleteAct) -> Interaction:
    """A member types into an autocompleting option.

    Raises:
        DiscordError: 50035 if there is no such option.
    """
    command, words = _find(state, actor, act.name, CommandType.CHAT_INPUT)
    _, leaf = _descend(command, words)
    focused = act.focused or _last_autocompleting(leaf, act.options)
    resolved = Resolved(state, actor.channel)
    values = {focused: ""} | act.options
    options = _filled(command, words, values, resolved, actor.user_id, focused=focused)
    data = _data(command) | {"options": options} | resolved.data()
    typed = Act(
        type=InteractionType.AUTOCOMPLETE,
        data=data,
        owners=_owners(state, actor, command),
        name=act.name,
    )
    return send_interaction(state, actor, typed)


def pick_for_message(state: State, actor: Actor, act: MessageCommandAct) -> Interaction:
    """A member picks a command from a message's menu.

    Raises:
        DiscordError: 10008 for a message that is not there for them.
    """
    command, _ = _find(state, actor, act.name, CommandType.MESSAGE)
    message = state.messages.get(actor.channel.id, {}).get(act.message_id)
    if message is None or message.viewer_id not in (None, actor.user_id):
        raise errors.DiscordError(errors.UNKNOWN_MESSAGE)
    resolved: JsonObject = {"messages": {message.id: message_object(state, message)}}
    data = _data(command) | {"target_id": message.id, "resolved": resolved}
    return send_interaction(
        state,
        actor,
        Act(
            type=InteractionType.COMMAND,
            data=data,
            owners=_owners(state, actor, command),
            name=act.name,
            is_context_menu=True,
            target_message_id=message.id,
        ),
    )


def pick_for_user(state: State, actor: Actor, act: UserCommandAct) -> Interaction:
    """A member picks a command from a user's menu.

    Raises:
        DiscordError: 10013 for an unknown user.
    """
    command, _ = _find(state, actor, act.name, CommandType.USER)
    resolved = Resolved(state, actor.channel)
    resolved.add_user(act.target_id)
    data = _data(command) | {"target_id": act.target_id} | resolved.data()
    return send_interaction(
        state,
        actor,
        Act(
            type=InteractionType.COMMAND,
            data=data,
            owners=_owners(state, actor, command),
            name=act.name,
            is_context_menu=True,
            target_user_id=act.target_id,
        ),
    )


def visible_commands(state: State, actor: Actor) -> list[Command]:
    """The commands that the client offers here; a guild's own hide global ones of the same name."""
    guild_id = actor.channel.guild_id
    chosen: dict[tuple[int, str], Command] = {}
    for command in state.commands.values():
        key = (command.type, command.name)
        if command.guild_id not in (None, guild_id):
            continue
        if _refusal(state, actor, command) is not None:
            continue
        if command.guild_id is not None or key not in chosen:
            chosen[key] = command
    return list(chosen.values())


def _find(
    state: State, actor: Actor, name: str, command_type: CommandType
) -> tuple[Command, list[str]]:
    require_present(state, actor)
    first, *words = name.split() if command_type == CommandType.CHAT_INPUT else [name]
    named = [
        each
        for each in state.commands.values()
        if each.name == first
        and each.type == command_type
        and each.guild_id in (None, actor.channel.guild_id)
    ]
    if not named:
        raise errors.DiscordError(errors.UNKNOWN_COMMAND)
    command = max(named, key=lambda each: each.guild_id is not None)
    if refusal := _refusal(state, actor, command):
        raise refusal
    return command, words


def _refusal(state: State, actor: Actor, command: Command) -> errors.DiscordError | None:
    """Why the client does not offer this command here, None if it does."""
    channel = actor.channel
    contexts = UNNAMED_CONTEXTS if command.contexts is None else command.contexts
    if context_of(state, channel) not in contexts or not _owners(state, actor, command):
        return errors.DiscordError(errors.UNKNOWN_COMMAND)
    if command.nsfw and channel.guild_id and not state.is_age_restricted(channel):
        return errors.DiscordError(errors.AGE_RESTRICTED)
    if channel.guild_id is None:
        return None
    bits = channel_permissions(state, channel, actor.user_id)
    needed = Permission.USE_APPLICATION_COMMANDS | command.member_permissions
    if bits & needed != needed or (command.is_for_administrators and bits != ALL):
        return errors.DiscordError(errors.MISSING_PERMISSIONS)
    return None


def _owners(state: State, actor: Actor, command: Command) -> dict[str, str]:
    return command_owners(state, actor.channel, actor.user_id, command)


def _filled(
    command: Command,
    words: list[str],
    values: dict[str, object],
    resolved: Resolved,
    actor_id: str,
    focused: str | None = None,
) -> list[JsonObject]:
    path, leaf = _descend(command, words)
    filled = option_objects(leaf, values, resolved, actor_id=actor_id, focused=focused)
    for option in reversed(path):
        filled = [{"name": option.name, "type": option.type, "options": filled}]
    return filled


def _descend(command: Command, words: list[str]) -> tuple[list[CommandOption], list[CommandOption]]:
    """The subcommands on the way, and the options at its end."""
    path: list[CommandOption] = []
    options = command.options
    for word in words:
        found = next((each for each in options if each.name == word), None)
        if found is None or found.type not in (
            OptionType.SUB_COMMAND,
            OptionType.SUB_COMMAND_GROUP,
        ):
            raise errors.DiscordError(errors.UNKNOWN_COMMAND)
        path.append(found)
        options = found.options or []
    if any(each.type in (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP) for each in options):
        raise errors.DiscordError(errors.UNKNOWN_COMMAND)
    return path, options


def _last_autocompleting(options: list[CommandOption], values: dict[str, object]) -> str:
    names = [each.name for each in options if each.autocomplete is True]
    given = [name for name in values if name in names]
    if not names:
        raise errors.invalid_field(
            "focused", code="UNKNOWN_OPTION", message="No option of this command autocompletes."
        )
    return (given or names)[-1]


def _data(command: Command) -> JsonObject:
    shown: JsonObject = {"id": command.id, "name": command.name, "type": command.type}
    return shown | ({"guild_id": command.guild_id} if command.guild_id else {})
