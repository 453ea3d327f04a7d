"""The guilds that the bot is in: since when, what their staff were told, and when it left."""

from __future__ import annotations
