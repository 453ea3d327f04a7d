"""The picture's way: signed link → checks → provenance stamped into the stream → upload."""

from __future__ import annotations

from bot.pictures.download import LinkRules, PublicResolver, open_picture_session
from bot.pictures.from_discord import (
    DISCORD_HOSTS,
    SeenUpload,
    Thumbnail,
    Thumbnails,
    Uploads,
    scaled,
)
from bot.pictures.relay import PictureStream, Relay, SeenPicture, WholePicture
from bot.pictures.shrink import SmallerPicture

__all__ = [
    "DISCORD_HOSTS",
    "LinkRules",
    "PictureStream",
    "PublicResolver",
    "Relay",
    "SeenPicture",
    "SeenUpload",
    "SmallerPicture",
    "Thumbnail",
    "Thumbnails",
    "Uploads",
    "WholePicture",
    "open_picture_session",
    "scaled",
]
