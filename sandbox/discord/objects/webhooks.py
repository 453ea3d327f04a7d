"""Incoming webhooks as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.objects.users import user_object

if TYPE_CHECKING:
    from sandbox.discord.records import Webhook
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


def webhook_object(state: State, webhook: Webhook) -> JsonObject:
    """A webhook with its token, and who made it."""
    return {
        "type": 1,
        "id": webhook.id,
        "name": webhook.name,
        "avatar": None,
        "channel_id": webhook.channel_id,
        "guild_id": webhook.guild_id,
        "application_id": state.application.id,
        "token": webhook.token,
        "url": f"{state.origin}/api/webhooks/{webhook.id}/{webhook.token}",
        "user": user_object(state.users[webhook.creator_id]),
    }
