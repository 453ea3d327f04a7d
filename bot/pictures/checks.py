"""The checks of pictures that the operator's settings name."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.pictures.shrink import fitting, pixels_of
from bot.providers.onnx_check import OnnxCheck
from bot.providers.openai_check import OpenAICheck

if TYPE_CHECKING:
    import aiohttp

    from bot.providers.picture_check import PictureCheck
    from bot.settings import Settings

_SIDE_PX = 2048  # of a picture that is made smaller to be sent; as a JPEG it has some megabytes


def picture_checks(settings: Settings, session: aiohttp.ClientSession) -> dict[str, PictureCheck]:
    """By name; none if nothing is set. Loading a model blocks for about a second.

    Raises:
        SettingsError: the model cannot be used.
    """
    checks: dict[str, PictureCheck] = {}
    if settings.picture_check_model is not None:
        model = OnnxCheck(Path(settings.picture_check_model), pixels=pixels_of)
        checks[model.name] = model
    chosen = settings.picture_check
    if chosen is not None:
        service = OpenAICheck(
            session,
            base_url=chosen.base_url,
            api_key=chosen.api_key,
            model=chosen.model,
            fitting=partial(fitting, side_px=_SIDE_PX),
            proxy=settings.proxy_for(chosen.base_url),
        )
        checks[service.name] = service
    return checks
