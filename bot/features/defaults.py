"""All that `/defaults` may ask for: what a member has set for themselves, everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.policy.defaults import NO_DEFAULT, Typed, resolve
from bot.policy.rows import load_default, load_policy, save_default
from bot.records import replace
from bot.refusals import PromptTooLong
from bot.visible import trimmed

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.policy.defaults import PersonDefault, Resolved
    from bot.policy.rows import Asking
    from bot.providers.image import Offer
    from bot.queue.records import UserId


class DefaultsView(Struct, frozen=True, kw_only=True):
    """A member's own, and what becomes of them where they look.

    Attributes:
        here: what a request with nothing but a prompt would ask for.
        place: likewise, of whoever has set nothing.
        pings: whether the place notifies them.
        can_ask: whether there is a rewriter that they could be asked about.
    """

    default: PersonDefault
    here: Resolved
    place: Resolved
    pings: bool
    can_ask: bool = True


class DefaultsService:
    """One for the process."""

    def __init__(self, *, database: Database, offer: Offer, can_ask: bool) -> None:
        """Args: can_ask: see `DefaultsView`."""
        self._database = database
        self._can_ask = can_ask
        self.offer = offer

    async def view(self, asking: Asking) -> DefaultsView:
        """Of `asking.user_id`. Raises StorageError."""
        return await self._database.read(_view, asking, self.offer, can_ask=self._can_ask)

    async def change(self, user_id: UserId, **changed: Any) -> None:
        """Sets some fields of their `PersonDefault`; None takes the value away.

        Raises:
            PromptTooLong: more to leave out than the provider takes; nothing was changed.
            StorageError: likewise.
        """
        if "negative" in changed:
            changed["negative"] = self._negative(changed["negative"] or "")
        await self._database.write(change_default, user_id, changed)

    async def change_size(self, user_id: UserId, text: str) -> None:
        """To what was typed; nothing takes it away.

        Raises:
            SizeNotUnderstood, SizeOutOfRange, SizeTooNarrow: nothing was changed.
            StorageError: likewise.
        """
        text = trimmed(text)
        size = self.offer.parse_size(text).size if text else None
        await self._database.write(change_default, user_id, {"size": size})

    async def reset(self, user_id: UserId) -> None:
        """Nothing of it is left. Raises StorageError: nothing was changed."""
        await self._database.write(save_default, user_id, NO_DEFAULT)

    def _negative(self, text: str) -> str | None:
        text, most = trimmed(text), self.offer.negative_limit or 0
        if len(text) > most:
            raise PromptTooLong(characters=len(text), limit=most)
        return text or None


def change_default(tx: Transaction, user_id: UserId, changed: dict[str, Any]) -> None:
    """The rest stays as it is."""
    save_default(tx, user_id, replace(load_default(tx, user_id), **changed))


def _view(tx: Transaction, asking: Asking, offer: Offer, *, can_ask: bool) -> DefaultsView:
    default, policy = load_default(tx, asking.user_id), load_policy(tx, asking)
    typed = Typed(prompt="")
    here, place = (
        resolve(typed, style=None, default=one, policy=policy, offer=offer, can_ask=can_ask)
        for one in (default, NO_DEFAULT)
    )
    return DefaultsView(
        default=default, here=here, place=place, pings=policy.pings, can_ask=can_ask
    )
