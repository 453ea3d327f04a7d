"""Every error of the project, in one tree.

    ZeuxisError
    ├── SettingsError               the environment or .env is wrong; all problems at once
    ├── NotPrinted                  what a command answers found no room
    ├── BillUnreadable              a file that is no bill, or none that can be read
    ├── PortTaken                   the health check's port cannot be had
    ├── WrongState                  a row was to be changed as its state does not allow: our bug
    ├── CalledOff                   a picture on its way was cancelled or deleted: not to be posted
    ├── Refusal                     all in `refusals.py` and `staff_refusals.py`
    ├── StorageError                the database cannot serve now
    │   ├── StorageUnavailable      full, locked, read-only: try again later
    │   ├── FormTooLate             slow, and a form can only be the first answer: press again
    │   ├── DatabaseInUse           another process runs on it; refuse to start
    │   ├── DatabaseDisplaced       deleted or replaced under the running bot; stop, keep a copy
    │   ├── SchemaTooNew            written by a newer Zeuxis; refuse to start
    │   ├── SchemaTooOld            not migrated yet; looking does not migrate
    │   ├── NotOurDatabase          another program's SQLite file
    │   ├── BackupRefused           the file named for a backup or a restore cannot be it
    │   ├── StorageCorrupt          restore a backup
    │   ├── PolicyUnreadable        a row of what was set makes no sense; mend or delete it
    │   └── LeaseLost               another worker owns the job now; drop the result's claim
    ├── ProviderError               Z-Image's answer, or the lack of one; status, code, request_id
    │   ├── NotSent                 nothing left this machine: safe to send again
    │   ├── AnswerLost              sent, no answer: perhaps billed, never sent again
    │   ├── AnswerUnreadable        a 200 that makes no sense: perhaps billed, never sent again
    │   ├── NoImage                 a 200 without an image
    │   ├── ContentRefused          the provider's content check
    │   ├── RequestRejected         400: our bug or a bad option
    │   ├── KeyRejected             wrong key, or right key in the wrong region
    │   ├── AccessRefused           rights, model name, region, by the provider's own code
    │   ├── AccountBlocked          unpaid bill, free tier used up
    │   ├── RateLimited             429: wait and slow down
    │   ├── UnexpectedAnswer        none of the provider's: a firewall's or proxy's page; try again
    │   └── ProviderFailed          5xx, gateway pages: try again with backoff
    ├── CheckFailed                 nobody knows what a picture shows; whether to ask again
    └── RelayError                  the picture's way from the provider to Discord
        ├── LinkNotAllowed          not https, or a host off the list
        ├── LinkExpired             the storage refuses the link: gone for good
        ├── DownloadFailed          cut, slow, 5xx: free to try again
        │   └── BytesAfterPicture   more came than the picture: again, up to its end
        ├── NotAPicture             no PNG, JPEG or WebP, broken, or longer than any picture
        └── PictureTooLarge         over the limit, known before any byte flows

Errors become text for members in `bot/texts` and nowhere else. Messages here are for logs.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, fields
from enum import StrEnum
from typing import dataclass_transform


@dataclass_transform(eq_default=False, field_specifiers=(field,))
class ZeuxisError(Exception):
    """Whatever Zeuxis raises on purpose. A class names its fields, and has no `__init__`."""

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        dataclass(eq=False, kw_only=kw_only)(cls)

    def __init__(self) -> None:
        """Of a class without fields."""

    def __str__(self) -> str:
        """For logs: the message or the docstring's first line, and the fields that may be logged.

        What people typed and who they are may not: `field(repr=False)`.
        """
        said = [getattr(self, "message", "") or (self.__doc__ or "").partition("\n")[0]]
        for one in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, one.name)
            if one.repr and one.name != "message" and value is not None:
                said.append(f"{one.name}={value}")
        return " ".join(said)


class WrongState(ZeuxisError):
    """A row was to change to a state that its own cannot become. Nothing was changed."""

    message: str


class CalledOff(ZeuxisError):
    """A picture was cancelled or deleted on its way. Its row says what is to be told instead."""


class SettingsError(ZeuxisError):
    """The settings cannot be used; `problems` names each variable and what was expected."""

    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.problems)


class NotPrinted(ZeuxisError):
    """Standard output takes no more of an answer; what was asked for may be done all the same."""

    message: str


class BillUnreadable(ZeuxisError):
    """The file that was named as the provider's bill; says what was expected where."""

    message: str


class PortTaken(ZeuxisError):
    """The port that the settings name cannot be listened on."""

    message: str


class StorageError(ZeuxisError):
    """The database cannot do what was asked."""

    message: str = ""

    def for_another(self) -> StorageError:
        """The same for one more caller: an exception gathers a traceback where it is raised."""
        copy = type(self)(self.message)
        copy.__cause__ = self.__cause__ or self
        return copy


class FormTooLate(StorageError):
    """What a form begins with took longer to read than Discord waits for it."""


class StorageUnavailable(StorageError):
    """Full, locked or read-only. Nothing was changed; try again later."""


class DatabaseInUse(StorageError):
    """Another Zeuxis runs on this database; two would not know whose calls are out."""


class DatabaseDisplaced(StorageError):
    """Its path no longer leads to the file that is open: a restart would find another one."""


class SchemaTooNew(StorageError):
    """The database was written by a newer Zeuxis."""


class SchemaTooOld(StorageError):
    """The database is an older Zeuxis's, which may be running on it. Nothing was changed."""


class NotOurDatabase(StorageError):
    """A SQLite file that Zeuxis has not made. Nothing was changed."""


class BackupRefused(StorageError):
    """The file named for a backup or a restore cannot be it. Nothing was changed."""


class StorageCorrupt(StorageError):
    """The file is damaged; restore a backup."""


class PolicyUnreadable(StorageError):
    """A row of the policy makes no sense, by its name, value and what was expected.

    Nothing was changed; a running bot goes on once the row is mended or deleted.
    """


class LeaseLost(StorageError):
    """The job's lease has passed to another worker or ended; this worker's write was refused."""


class Retry(StrEnum):
    """What may be done with the same request."""

    NO = "no"  # the answer will not change, or the call may have been billed
    BACKOFF = "backoff"  # after a growing, jittered wait
    SLOWER = "slower"  # after a wait, and the account's pace must fall


class ProviderError(ZeuxisError):
    """Z-Image did not draw. Failed calls are not billed (API reference, 2025-12-23)."""

    message: str
    _: KW_ONLY
    status: int | None = None
    code: str | None = None
    request_id: str | None = None

    retry = Retry.NO


class NotSent(ProviderError):
    """The connection never carried the request; nothing can have been billed."""

    retry = Retry.BACKOFF


class AnswerLost(ProviderError):
    """The request went out and no answer came: perhaps drawn and billed. Never sent again."""


class AnswerUnreadable(ProviderError):
    """Status 200 with a body that makes no sense: perhaps billed. Never sent again."""


class NoImage(ProviderError):
    """Status 200 without an image."""


class Inspected(StrEnum):
    """What the provider's content check looked at."""

    INPUT = "input"  # the prompt
    OUTPUT = "output"  # the picture; another seed may pass
    PROPERTY = "property"  # suspected infringement of intellectual property
    UNKNOWN = "unknown"


class ContentRefused(ProviderError, kw_only=True):
    """The provider's content check said no."""

    inspected: Inspected = Inspected.UNKNOWN


class RequestRejected(ProviderError):
    """The provider does not understand the request: our bug, or an option it dislikes."""


class KeyRejected(ProviderError):
    """The API key is wrong, or belongs to the other region. The operator must act."""


class AccessRefused(ProviderError):
    """Rights, model name or region. The operator must act."""


class AccountBlocked(ProviderError):
    """An unpaid bill or an exhausted free tier. The operator must act."""


class UnexpectedAnswer(ProviderError):
    """Redirected, or refused by something that is not the provider: a firewall, a proxy, a portal.

    Nothing was drawn. It may dislike this one request, or stand before all of them.
    """

    retry = Retry.BACKOFF


class Throttle(StrEnum):
    """Which of the provider's limits was hit."""

    RATE = "rate"  # requests per second or minute
    BURST = "burst"  # the rate rose too quickly
    ALLOCATION = "allocation"  # the allocated quota of this minute
    UNKNOWN = "unknown"


class RateLimited(ProviderError, kw_only=True):
    """Status 429. Not billed. `retry_after_s` only if the provider said so."""

    retry = Retry.SLOWER

    throttle: Throttle = Throttle.UNKNOWN
    retry_after_s: float | None = None


class ProviderFailed(ProviderError, kw_only=True):
    """The provider or a gateway before it failed. `retry_after_s` only if it said so."""

    retry = Retry.BACKOFF

    retry_after_s: float | None = None


class CheckFailed(ZeuxisError):
    """A picture was not checked, so nobody knows what it shows.

    Checks are free, so `retry` alone says whether to ask again. `retry_after_s` only if told.
    """

    message: str
    _: KW_ONLY
    retry: Retry = Retry.NO
    retry_after_s: float | None = None


class RelayError(ZeuxisError):
    """The picture could not be carried. Never holds a link: its signature is a credential."""

    message: str = ""


class LinkNotAllowed(RelayError):
    """The provider's link is no web address, or its host is off the list or a private one."""


class LinkExpired(RelayError):
    """The storage gives nothing for this link. Drawing it again would be billed again."""


class DownloadFailed(RelayError):
    """The download broke. It costs nothing to try again."""


class BytesAfterPicture(DownloadFailed, kw_only=True):
    """More was sent than the picture, so its announced length was wrong.

    `ends_at_bytes`: where the picture ends in what the storage sends; open it again up to there.
    """

    ends_at_bytes: int


class NotAPicture(RelayError):
    """What came is no whole PNG, JPEG or WebP. The same would come again."""


class PictureTooLarge(RelayError, kw_only=True):
    """Over the upload limit."""

    size_bytes: int
    limit_bytes: int
