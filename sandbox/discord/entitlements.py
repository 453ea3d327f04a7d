"""Routes of what users and guilds have paid for: SKUs, entitlements, test entitlements.

The sandbox sells one SKU of each kind; a test entitlement stands for a purchase.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.records import Entitlement
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.shapes import only_set, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

_GUILD_OWNER, _USER_OWNER = 1, 2
_DURABLE, _CONSUMABLE, _SUBSCRIPTION = 2, 3, 5
_SKUS = (("Monthly", _SUBSCRIPTION, 1 << 8), ("Frame", _DURABLE, 1 << 2), ("Ink", _CONSUMABLE, 4))


class EntitlementBody(Struct, kw_only=True):
    """Who is to own what; an owner type of 1 is a guild, of 2 a user."""

    sku_id: str | int
    owner_id: str | int
    owner_type: int


def list_skus(call: Call) -> Reply:
    """What the application sells."""
    return Reply(body=[_sku_object(call.own_application(), number) for number in range(len(_SKUS))])


def list_entitlements(call: Call) -> Reply:
    """Entitlements of one owner or of some SKUs, without those that are over or deleted."""
    state, query, now_us = call.own_application(), call.query, call.state.now_us()
    sku_ids = query.get("sku_ids", "").split(",")
    found = [
        each
        for each in state.entitlements.values()
        if query.get("user_id") in (None, each.user_id)
        and query.get("guild_id") in (None, each.guild_id)
        and (sku_ids == [""] or each.sku_id in sku_ids)
        and not (each.is_deleted and call.flag("exclude_deleted"))
        and not ((each.ends_at_us or now_us + 1) <= now_us and call.flag("exclude_ended"))
    ]
    page = call.page(found, lambda each: each.id, default=100, most=100)
    return Reply(body=[entitlement_object(state, each) for each in page])


def get(call: Call) -> Reply:
    """One entitlement."""
    return Reply(body=entitlement_object(call.state, _one(call)))


def create_test(call: Call) -> Reply:
    """Gives a user or guild a test entitlement."""
    state = call.own_application()
    body = call.body(EntitlementBody)
    if body.owner_type not in (_GUILD_OWNER, _USER_OWNER):
        raise errors.invalid_field(
            "owner_type", code="BASE_TYPE_CHOICES", message="Value must be one of (1, 2)."
        )
    if str(body.sku_id) not in [sku_id(state, number) for number in range(len(_SKUS))]:
        raise errors.DiscordError(errors.UNKNOWN_SKU)
    owner_id = str(body.owner_id)
    entitlement = Entitlement(
        id=state.snowflakes.next(),
        sku_id=str(body.sku_id),
        user_id=state.user(owner_id).id if body.owner_type == _USER_OWNER else None,
        guild_id=state.guild(owner_id).id if body.owner_type == _GUILD_OWNER else None,
    )
    state.save(entitlement)
    state.publish("ENTITLEMENT_CREATE", entitlement_object(state, entitlement))
    return Reply(body=entitlement_object(state, entitlement))


def delete_test(call: Call) -> Reply:
    """Takes a test entitlement back."""
    entitlement = _one(call)
    entitlement.is_deleted = True
    call.state.publish("ENTITLEMENT_DELETE", entitlement_object(call.state, entitlement))
    call.state.remove(entitlement)
    return NO_CONTENT


def consume(call: Call) -> Reply:
    """Uses up a one-time purchase."""
    state, entitlement = call.state, _one(call)
    if entitlement.sku_id != sku_id(state, 2) or entitlement.is_consumed:
        raise errors.DiscordError(errors.ALREADY_CONSUMED)
    entitlement.is_consumed = True
    state.save(entitlement)
    state.publish("ENTITLEMENT_UPDATE", entitlement_object(state, entitlement))
    return NO_CONTENT


def entitlement_object(state: State, entitlement: Entitlement) -> JsonObject:
    """An entitlement as Discord shows it."""
    return {
        "id": entitlement.id,
        "sku_id": entitlement.sku_id,
        "application_id": state.application.id,
        "type": 8,
        "deleted": entitlement.is_deleted,
        "consumed": entitlement.is_consumed,
        "starts_at": text_instant_or_none(entitlement.starts_at_us),
        "ends_at": text_instant_or_none(entitlement.ends_at_us),
        "user_id": entitlement.user_id or state.application.owner_id,
    } | only_set({"guild_id": entitlement.guild_id})


def entitlements_for(state: State, user_id: str, guild_id: str | None) -> list[JsonObject]:
    """What an interaction says that its user and guild have."""
    return [
        entitlement_object(state, each)
        for each in state.entitlements.values()
        if each.user_id == user_id or (guild_id and each.guild_id == guild_id)
    ]


def sku_id(state: State, number: int) -> str:
    """SKUs have ids right behind the application's."""
    return str(int(state.application.id) + 1 + number)


def _sku_object(state: State, number: int) -> JsonObject:
    name, kind, flags = _SKUS[number]
    return {
        "id": sku_id(state, number),
        "type": kind,
        "application_id": state.application.id,
        "name": name,
        "slug": name.lower(),
        "flags": flags,
        "dependent_sku_id": None,
        "release_date": None,
        "access_type": 1,
        "features": [],
        "manifest_labels": None,
        "show_age_gate": False,
    }


def _one(call: Call) -> Entitlement:
    entitlement = call.own_application().entitlements.get(call.path["entitlement_id"])
    if entitlement is None:
        raise errors.DiscordError(errors.UNKNOWN_ENTITLEMENT)
    return entitlement


_APPLICATION = "/applications/{application_id}"
_ALL = f"{_APPLICATION}/entitlements"
_ONE = f"{_ALL}/{{entitlement_id}}"

ROUTES = (
    Route("GET", f"{_APPLICATION}/skus", list_skus, ratelimits.APPLICATION),
    Route("GET", _ALL, list_entitlements, ratelimits.APPLICATION),
    Route("POST", _ALL, create_test, ratelimits.APPLICATION),
    Route("GET", _ONE, get, ratelimits.APPLICATION),
    Route("DELETE", _ONE, delete_test, ratelimits.APPLICATION),
    Route("POST", f"{_ONE}/consume", consume, ratelimits.APPLICATION),
)
