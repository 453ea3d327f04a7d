"""Identifiers: Discord's snowflakes and our job numbers, kept apart by type."""

from __future__ import annotations

from typing import NewType

GuildId = NewType("GuildId", int)
ChannelId = NewType("ChannelId", int)  # a thread is a channel too
MessageId = NewType("MessageId", int)
UserId = NewType("UserId", int)
InteractionId = NewType("InteractionId", int)
RoleId = NewType("RoleId", int)
JobId = NewType("JobId", int)
