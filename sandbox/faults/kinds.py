"""What can go wrong, one record per kind, and how a list of them is read.

Every kind inherits the conditions of `Fault`; its own fields follow. In JSON the class is named by
`kind`, in snake_case: `{"server": "zimage", "kind": "latency", "seconds": 2, "times": 1}`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, get_args

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
HttpStatus = Annotated[int, Meta(ge=200, le=599)]
Pixels = Annotated[int, Meta(ge=1, le=4096)]


class Server(StrEnum):
    """Who is asked."""

    DISCORD = "discord"  # Discord's REST interface
    CDN = "cdn"  # Discord's attachments
    ZIMAGE = "zimage"  # Z-Image's interface
    LINKS = "links"  # downloads of Z-Image's results
    OPENAI = "openai"  # the moderation endpoint


ALL = frozenset(Server)
ZIMAGE = frozenset({Server.ZIMAGE})
MODELS = frozenset({Server.ZIMAGE, Server.OPENAI})
LINKS = frozenset({Server.LINKS})
DISCORD = frozenset({Server.DISCORD})


def _kind(class_name: str) -> str:
    snake = "".join(f"_{one.lower()}" if one.isupper() else one for one in class_name)
    return snake.removeprefix("_")


class Fault(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag=_kind,
):
    """When a fault fires; what it then does is said by its kind."""

    servers: ClassVar[frozenset[Server]] = ALL

    server: Server
    match: str = "*"  # glob on "METHOD /path", without query
    times: Annotated[int, Meta(ge=1)] | None = None  # None: for ever
    skip: Count = 0  # the first so many matching requests go unharmed
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0  # drawn from the sandbox's --seed
    between: tuple[Seconds, Seconds] | None = None  # after installation, on the sandbox's clock

    def __post_init__(self) -> None:
        if self.server not in self.servers:
            known = ", ".join(sorted(self.servers))
            raise ValueError(f"server {self.server} does not know this kind, only {known}")
        if self.between is not None and self.between[0] >= self.between[1]:
            raise ValueError(f"`between` ends before it begins: {list(self.between)}")


class Latency(Fault, frozen=True, kw_only=True):
    """The request is acted on only after a while, on the sandbox's clock."""

    seconds: Seconds
    jitter: Seconds = 0.0  # up to so many seconds more, drawn from --seed


class Status(Fault, frozen=True, kw_only=True):
    """Answers with this and does not act."""

    status: HttpStatus
    body: str = ""
    content_type: str = "text/plain"
    headers: dict[str, str] = {}


class DropBefore(Fault, frozen=True, kw_only=True):
    """Cuts the connection; the request did nothing."""


class DropAfter(Fault, frozen=True, kw_only=True):
    """The request acted (it was billed, it was posted); the connection is cut without an answer."""


class RawAnswer(Fault, frozen=True, kw_only=True):
    """The connection gets exactly these bytes, then its end; the request did nothing."""

    answer: bytes  # head and body; in JSON as base64


class HangBefore(Fault, frozen=True, kw_only=True):
    """Nothing happens until the faults are replaced, and nothing at all if the client leaves."""


class HangAfter(Fault, frozen=True, kw_only=True):
    """The request acted; no answer until the faults are replaced or the client leaves."""


class SlowBody(Fault, frozen=True, kw_only=True):
    """The answer's body trickles, on the sandbox's clock."""

    bytes_per_second: Annotated[int, Meta(ge=1)]


class CutBody(Fault, frozen=True, kw_only=True):
    """The connection is cut within the answer's body, whose length was announced whole."""

    after_bytes: Count


class Gzip(Fault, frozen=True, kw_only=True):
    """Whether the answer is compressed for a client that accepts it."""

    on: bool


class Chunked(Fault, frozen=True, kw_only=True):
    """Whether the answer comes in chunks instead of with its length."""

    on: bool


class RateLimited(Fault, frozen=True, kw_only=True):
    """A 429 of Discord's; `cloudflare` is the one without a JSON body and without `Via`."""

    servers = DISCORD

    scope: Literal["user", "shared", "global", "cloudflare"] = "user"
    retry_after: Seconds = 1.0


class Error(Fault, frozen=True, kw_only=True):
    """An error of the model's service by its code; nothing is drawn nor billed.

    Z-Image's are native or snake_case; those of the moderation endpoint need a status and message.

    `status` and `message` default to those documented for the code and must be given for others.
    """

    servers = MODELS

    code: str
    status: HttpStatus | None = None  # 200 makes it a business error within a success
    message: str | None = None
    prefix: str = ""  # such as "<400> InternalError.Algo.InvalidParameter: "
    suffix: str = ""  # such as a link to the page on errors
    retry_after: Annotated[int, Meta(ge=0)] | None = None  # seconds, as a header


class NoImage(Fault, frozen=True, kw_only=True):
    """A success whose message holds no image part."""

    servers = ZIMAGE
    billed: bool = False


class EmptyChoices(Fault, frozen=True, kw_only=True):
    """A success with an empty list of choices."""

    servers = ZIMAGE
    billed: bool = False


class BrokenJson(Fault, frozen=True, kw_only=True):
    """A success whose body ends in the middle."""

    servers = MODELS
    billed: bool = True


class ChangedAnswer(Fault, frozen=True, kw_only=True):
    """A success of which some fields are other than they should be; it is billed.

    `changes` names fields by their way down, `output.choices.0.message.content.0.image`; the last
    part may be new. `{link}` in a text stands for the picture's link as it would have been.
    """

    servers = MODELS
    changes: dict[str, Any]
    status: HttpStatus = 200


class Html(Fault, frozen=True, kw_only=True):
    """A gateway in front answers with a page of HTML."""

    servers = MODELS
    status: HttpStatus = 502
    billed: bool = False


class BurstRate(Fault, frozen=True, kw_only=True):
    """Steep rises are refused: after a pause the allowed rate grows only step by step."""

    servers = ZIMAGE


class RetryAfter(Fault, frozen=True, kw_only=True):
    """Refusals for the rate carry a Retry-After header, which the real service does not send."""

    servers = ZIMAGE
    seconds: Annotated[int, Meta(ge=0)] | None = None  # None: what is really left


class UnknownModel(Fault, frozen=True, kw_only=True):
    """An unknown model is answered in the other spelling that was reported."""

    servers = ZIMAGE
    status: Literal[400, 404] = 400


class CorruptPng(Fault, frozen=True, kw_only=True):
    """One byte of the picture's pixels is wrong, so that a checksum fails."""

    servers = LINKS


class TruncatedPng(Fault, frozen=True, kw_only=True):
    """The picture ends early although the answer is complete."""

    servers = LINKS
    kept_share: Annotated[float, Meta(ge=0, lt=1)] = 0.5


class WrongSizePng(Fault, frozen=True, kw_only=True):
    """The picture is not of the size that was announced."""

    servers = LINKS
    width: Pixels = 64
    height: Pixels = 64


class NotPng(Fault, frozen=True, kw_only=True):
    """Announced as a picture, the body is text."""

    servers = LINKS


class LinkExpired(Fault, frozen=True, kw_only=True):
    """403 with the object storage's XML, before the link's time."""

    servers = LINKS


class LinkPurged(Fault, frozen=True, kw_only=True):
    """404 NoSuchKey, before the picture's time."""

    servers = LINKS


class ProviderMetadata(Fault, frozen=True, kw_only=True):
    """The picture carries an XMP packet of its own, as pictures of some providers do."""

    servers = LINKS


Kind = (
    Latency
    | Status
    | DropBefore
    | DropAfter
    | RawAnswer
    | HangBefore
    | HangAfter
    | SlowBody
    | CutBody
    | Gzip
    | Chunked
    | RateLimited
    | Error
    | NoImage
    | EmptyChoices
    | BrokenJson
    | ChangedAnswer
    | Html
    | BurstRate
    | RetryAfter
    | UnknownModel
    | CorruptPng
    | TruncatedPng
    | WrongSizePng
    | NotPng
    | LinkExpired
    | LinkPurged
    | ProviderMetadata
)

_DECODER = msgspec.json.Decoder(list[Kind])
KINDS: tuple[str, ...] = tuple(kind.__struct_config__.tag for kind in get_args(Kind))


class WrongFault(ValueError):
    """The list of faults cannot be installed; the message says where and why."""


def parse_faults(body: bytes | str) -> tuple[Fault, ...]:
    """Reads a JSON list of faults.

    Raises:
        WrongFault: no JSON, no list, an unknown kind or field, a value out of range.
    """
    try:
        return tuple(_DECODER.decode(body))
    except msgspec.DecodeError as error:
        raise WrongFault(_explained(str(error))) from error


def _explained(message: str) -> str:
    if message.startswith("Invalid value") and ".kind`" in message:
        return f"{message}; known kinds are {', '.join(KINDS)}"
    return message
