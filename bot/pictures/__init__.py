"""The picture's way: signed link → checks → provenance stamped into the stream → upload."""

from __future__ import annotations

from bot.pictures.download import LinkRules, PublicResolver, open_picture_session
from bot.pictures.relay import PictureStream, Relay, SeenPicture, WholePicture
from bot.pictures.shrink import SmallerPicture
from bot.pictures.thumbnails import DISCORD_HOSTS, Thumbnail, Thumbnails
from bot.pictures.uploads import SeenUpload, Uploads

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
]
