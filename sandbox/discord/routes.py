"""The route table: everything that this Discord answers under `/api/v10`.

Fixed names such as `@me` stand before templates that would also fit.
"""

from __future__ import annotations

from sandbox.discord import (
    audit_log,
    automod,
    callbacks,
    channel_creation,
    channels,
    commands,
    emojis,
    entitlements,
    follow_ups,
    gateway_routes,
    guilds,
    member_changes,
    members,
    messages,
    pins,
    reactions,
    roles,
    scheduled_events,
    threads,
    users,
    webhooks,
)

ROUTES = (
    *users.ROUTES,
    *gateway_routes.ROUTES,
    *commands.ROUTES,
    *emojis.ROUTES,
    *entitlements.ROUTES,
    *callbacks.ROUTES,
    *follow_ups.ROUTES,
    *webhooks.ROUTES,
    *pins.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *threads.ROUTES,
    *channels.ROUTES,
    *guilds.ROUTES,
    *members.ROUTES,
    *member_changes.ROUTES,
    *roles.ROUTES,
    *audit_log.ROUTES,
    *automod.ROUTES,
    *scheduled_events.ROUTES,
    *channel_creation.ROUTES,
)
