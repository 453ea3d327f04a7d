"""The picture's way: signed link → checks → metadata stamped in the stream → upload."""

from __future__ import annotations

from bot.relay.links import LinkRules
from bot.relay.picture import Picture
from bot.relay.relay import Relay, SeenPicture
from bot.relay.session import PublicResolver, open_picture_session
from bot.relay.smaller import SmallerPicture

__all__ = [
    "LinkRules",
    "Picture",
    "PublicResolver",
    "Relay",
    "SeenPicture",
    "SmallerPicture",
    "open_picture_session",
]
