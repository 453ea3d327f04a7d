"""OpenAI's moderation endpoint: texts and at most one picture in, scores out.

The shapes of request and answer, the categories and the limit of 250 requests a minute are
documented (OpenAI's API reference, "Moderations", and its page of the model, 2026); the rest is
marked. It stands beside Z-Image and takes the same keys, since clients are given both addresses.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import math
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.media import sniff
from sandbox.zimage import answers, gate
from sandbox.zimage.errors import Refusal, ordered
from sandbox.zimage.ledger import Moderation, Outcome
from sandbox.zimage.limit import RequestsPerMinute
from sandbox.zimage.opinions import Input, InputType, Opinions
from sandbox.zimage.storage import PREFIX

if TYPE_CHECKING:
    from sandbox.zimage.account import Account, ZImageSettings
    from sandbox.zimage.answers import Body
    from sandbox.zimage.studio import Studio

MODERATION_BASE = "/v1"
MODERATIONS = MODERATION_BASE + "/moderations"
MODELS = ("omni-moderation-latest", "omni-moderation-2024-09-26")
LARGEST_PICTURE_BYTES = 20 * 1024 * 1024
"""Guessed, after the limit of OpenAI's other endpoints."""

_BODY_LIMIT_BYTES = 32 * 1024 * 1024
_LATENCY_S = 0.4  # guessed
_KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
)


class Moderations:
    """The endpoint, with what it was ordered to think."""

    def __init__(self, account: Account, studio: Studio) -> None:
        self._account = account
        self._studio = studio
        self.opinions = Opinions()
        self.limit = RequestsPerMinute(account.settings.moderations_per_minute)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(MODERATIONS, self._check),
            web.route("*", MODERATION_BASE + "/{path:.*}", self._wrong_path),
        ]

    async def _check(self, request: web.Request) -> web.Response:
        account = self._account
        check = Moderation(
            request_id=f"req_{account.new_request_id()}", at_us=account.clock.now_us()
        )
        account.ledger.moderations.append(check)
        try:
            response = await self._answer(request, check)
        except Refusal as refusal:
            response = self._refused(request, refusal, check)
        gate.part_if_unread(request, response)
        response.headers.update(
            {
                "x-request-id": check.request_id,
                "openai-processing-ms": str((account.clock.now_us() - check.at_us) // 1000),
                "x-ratelimit-limit-requests": str(self.limit.most),
                "x-ratelimit-remaining-requests": str(self.limit.left()),
            }
        )
        return response

    async def _answer(self, request: web.Request, check: Moderation) -> web.Response:
        check.key = _authenticated(request, self._account.settings)
        if refusal := ordered(request):
            raise refusal
        wait_s = self.limit.take(check.at_us)
        if wait_s is not None:
            raise _over_the_limit(self.limit.most, wait_s)
        body = await gate.body_of(request, _BODY_LIMIT_BYTES)
        if body is None:
            raise Refusal("request_too_large", "Request too large.", status=413)
        check.model, groups = await self._read(_object(body), check)
        answered: Body = {
            "id": f"modr-{check.request_id[4:]}",
            "model": check.model,
            "results": [self.opinions.of(group) for group in groups],
        }
        check.flagged = any(each["flagged"] for each in answered["results"])
        check.outcome = Outcome.GENERATED
        await self._account.clock.sleep(_LATENCY_S * self._account.latency_scale)
        return answers.odd_moderation(request, answered) or answers.response(request, answered)

    async def _read(self, asked: Body, check: Moderation) -> tuple[str, list[list[Input]]]:
        """The model, and the inputs that get one result each: texts alone, or all parts together.

        Raises:
            Refusal: what is asked is not understood.
        """
        model = asked.get("model", MODELS[0])
        if model not in MODELS:
            text = f"The model `{model}` does not exist or you do not have access to it."
            raise Refusal("model_not_found", text, status=404, rule="wrong-model")
        given = asked.get("input")
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not texts:
            raise _invalid("Missing required parameter: 'input'.", "missing_required_parameter")
        if all(isinstance(each, str) for each in texts):
            check.texts = list(texts)
            return model, [[Input(type=InputType.TEXT, words=each)] for each in texts]
        pictures = [each for each in texts if isinstance(each, dict) and "image_url" in each]
        if len(pictures) > 1:  # observed
            text = f"Number of images ({len(pictures)}) exceeds maximum of 1"
            raise _invalid(text, "too_many_images")
        return model, [[await self._part(each, check) for each in texts]]

    async def _part(self, part: object, check: Moderation) -> Input:
        match part:
            case {"type": "text", "text": str(text)}:
                check.texts.append(text)
                return Input(type=InputType.TEXT, words=text)
            case {"type": "image_url", "image_url": {"url": str(url)}}:
                prompt, length_bytes = await self._picture(url)
                check.pictures.append({"prompt": prompt, "bytes": length_bytes})
                return Input(type=InputType.IMAGE, words=prompt)
        raise _invalid("Invalid value: 'input'. Parts are of type text or image_url.")

    async def _picture(self, url: str) -> tuple[str | None, int]:
        """The prompt of a picture, if it is known, and the length of what was sent."""
        if not url.startswith("data:"):
            return self._linked(url), 0
        content = _content(url)
        if len(content) > LARGEST_PICTURE_BYTES:
            raise _invalid_picture("The image is larger than 20 MB.", "image_too_large")
        kind = sniff(content, "").content_type
        if kind not in _KINDS or (kind == _KINDS[0] and b"IEND" not in content[-12:]):
            text = (
                "You uploaded an unsupported image. Please make sure your image has of one the "
                "following formats: ['png', 'jpeg', 'gif', 'webp']."
            )
            raise _invalid_picture(text, "invalid_image_format")
        return await asyncio.to_thread(self._studio.seen.prompt_of, content), len(content)

    def _linked(self, url: str) -> str:
        """Nothing is fetched: only the links that were handed out are known."""
        _, found, path = url.partition(f"{PREFIX}/")
        recipe = self._account.results.get(f"{PREFIX}/{path.partition('?')[0]}") if found else None
        if recipe is None:
            raise _invalid_picture(f"Error while downloading {url}.", "invalid_image_url")
        return recipe.prompt

    async def _wrong_path(self, request: web.Request) -> web.Response:
        text = f"Invalid URL ({request.method} {request.path})"
        return self._refused(request, Refusal("", text, status=404, rule="wrong-path"))

    def _refused(
        self, request: web.Request, refusal: Refusal, check: Moderation | None = None
    ) -> web.Response:
        if check is not None:
            check.code = refusal.code or str(refusal.status)
            check.outcome = gate.outcome_of(refusal)
        error: Body = {
            "message": refusal.message,
            "type": _error_type(refusal.status),
            "param": "input" if refusal.status == 400 else None,
            "code": refusal.code or None,
        }
        return gate.refusal_answer(
            self._account,
            request,
            refusal,
            {"error": error},
            server="openai",
            retry_after_s=getattr(refusal, "retry_after_s", None),
        )


def _authenticated(request: web.Request, settings: ZImageSettings) -> str:
    key = gate.bearer_key(request)
    if not key:
        raise Refusal("", _NO_KEY, status=401)
    label = settings.key_label(key)
    if label is None:
        text = f"Incorrect API key provided: {key[:3]}***."
        raise Refusal("invalid_api_key", text, status=401)
    return label


class _OverTheLimit(Refusal):
    """Says when there is room again; that the header is sent is observed."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__("rate_limit_exceeded", message, status=429)
        self.retry_after_s = retry_after_s


def _over_the_limit(most: int, wait_s: float) -> _OverTheLimit:
    text = (
        f"Rate limit reached for {MODELS[0]} on requests per min (RPM): Limit {most}, Used {most}, "
        f"Requested 1. Please try again in {wait_s:.2f}s."
    )
    return _OverTheLimit(text, max(1, math.ceil(wait_s)))


def _object(body: bytes) -> Body:
    try:
        return gate.read_object(body)
    except Refusal as refusal:
        raise _invalid("We could not parse the JSON body of your request.") from refusal


def _content(url: str) -> bytes:
    head, _, encoded = url.partition(",")
    if not head.endswith(";base64"):
        raise _invalid_picture("Expected a base64-encoded data URL.", "invalid_base64")
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as problem:
        raise _invalid_picture("The image is not valid base64.", "invalid_base64") from problem


def _invalid(message: str, code: str = "") -> Refusal:
    return Refusal(code, message, status=400, rule="invalid-parameter")


def _invalid_picture(message: str, code: str) -> Refusal:
    """Circumstance rather than a broken rule; message and code are guessed."""
    return Refusal(code, message, status=400)


def _error_type(status: int) -> str:
    if status == 429:
        return "requests"
    return "server_error" if status >= 500 else "invalid_request_error"
