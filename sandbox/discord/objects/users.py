"""Users and members as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.shapes import JsonObject, instant_text, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.records import Member, User
    from sandbox.discord.state import State


def user_object(user: User) -> JsonObject:
    """A user as others see them."""
    return {
        "id": user.id,
        "username": user.name,
        "global_name": user.display_name,
        "avatar": None,
        "discriminator": "0000" if user.is_bot else "0",
        "public_flags": 0,
        "flags": 0,
        "bot": user.is_bot,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }


def own_user_object(user: User) -> JsonObject:
    """The bot's user as it sees itself."""
    return user_object(user) | {
        "mfa_enabled": True,
        "locale": "en-US",
        "premium_type": 0,
        "email": None,
        "verified": True,
    }


def member_object(state: State, member: Member) -> JsonObject:
    """A member with their user."""
    return bare_member_object(member) | {"user": user_object(state.users[member.user_id])}


def presence_object(user_id: str) -> JsonObject:
    """A user's presence as guilds list it; everybody is online."""
    return {
        "user": {"id": user_id},
        "status": "online",
        "activities": [],
        "client_status": {"desktop": "online"},
    }


def bare_member_object(member: Member) -> JsonObject:
    """A member without their user, as messages carry it."""
    return {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": text_instant_or_none(member.timed_out_until_us),
        "flags": 0,
        "joined_at": instant_text(member.joined_at_us),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": list(member.role_ids),
        "mute": False,
        "deaf": False,
    }
