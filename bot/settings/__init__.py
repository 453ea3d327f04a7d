"""The settings, as the operator chose them; `reading` takes them from the environment and `.env`.

`.env.example` lists every one with its meaning; a test keeps the two in step. Secrets print as
`****`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib import request
from urllib.parse import urlsplit

import msgspec

from bot.providers import openai_check, rewriter
from bot.providers.image import Prices
from bot.providers.zimage.offer import LIST_PRICES, OFFER
from bot.providers.zimage.wire import MODEL, REGIONS
from bot.settings.values import (
    Budget,
    Count,
    Database,
    Days,
    DetailDays,
    Dollars,
    GatewayUrl,
    GuildIds,
    Hosts,
    Persons,
    Port,
    Quota,
    Rate,
    Seconds,
    Shares,
    Switch,
    Url,
    UserIds,
    is_loopback,
)

if TYPE_CHECKING:
    from bot.providers.rewriter import TokenPrices


class Secret(str):
    """A string that never shows itself; `reveal` is for the header it belongs in."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'****'"

    def __str__(self) -> str:
        return "****"

    def __format__(self, spec: str) -> str:
        return format("****", spec)

    def reveal(self) -> str:
        return str.__str__(self)


FIRST_ACCOUNT = "zimage"  # the one whose settings bear no name


class AccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One account at Z-Image."""

    name: str
    api_key: Secret
    region: str
    address: str | None  # in place of the region's
    requests_per_second: float
    max_running: int | None = None  # None: as the policy has it, which ZIMAGE_MAX_RUNNING fills

    @property
    def base_url(self) -> str:
        return (self.address or REGIONS[self.region]).rstrip("/")

    def setting(self, name: str) -> str:
        """The name of its own setting of this kind."""
        return name if self.name == FIRST_ACCOUNT else f"{name}_{self.name.upper()}"


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One that is asked beside Z-Image: it rewrites prompts, or looks at pictures."""

    model: str
    base_url: str
    api_key: Secret


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """What the operator chose. Names in the environment are these in capitals."""

    discord_token: Secret
    dashscope_api_key: Secret
    discord_api_base_url: Url | None = None
    discord_gateway_url: GatewayUrl | None = None
    dashscope_region: Literal["singapore", "beijing"] = "singapore"
    dashscope_base_url: Url | None = None
    zimage_model: str = MODEL
    zimage_requests_per_second: Rate = 2.0
    zimage_max_running: Count = 64
    zimage_accounts: tuple[AccountSettings, ...] = ()  # beside the first
    zimage_result_hosts: Hosts = (".aliyuncs.com",)
    zimage_price_usd: Dollars | None = None  # as the region's list says
    zimage_price_rewritten_usd: Dollars | None = None
    rewriter_model: str = rewriter.MODEL  # empty: nobody rewrites
    rewriter_base_url: Url | None = None  # None: beside Z-Image
    rewriter_api_key: Secret | None = None  # None: Z-Image's
    picture_check_model: str | None = None  # a file; None: no model of one's own
    picture_check_base_url: Url = openai_check.BASE_URL
    picture_check_api_key: Secret | None = None  # None: no service
    picture_check_api_model: str = openai_check.MODEL
    rewrite_by_default: Switch = True
    default_size: str = str(OFFER.default_size)
    database_url: Database = "sqlite:///data/zeuxis.db"
    allowed_guilds: GuildIds = ()  # empty: any
    outside_guilds: Persons = ()  # who may ask in direct messages and by their own install
    operators: UserIds = ()  # beside the application's owner and team
    budget_per_day_usd: Budget = 10.0
    pictures_per_guild_per_day: Quota = 200
    pictures_per_member_per_day: Quota = 25
    time_zone: str = "UTC"
    max_waiting_per_member: Count = 10
    max_waiting_per_guild: Count = 2000
    max_running_per_guild: Count = 32
    max_running_per_person: Count = 32
    max_expected_wait_s: Seconds = 3600.0
    guild_weights: Shares = {}
    role_weights: Shares = {}
    ledger_detail_days: DetailDays = 400
    guild_data_days: Days = 30
    shutdown_grace_s: Seconds = 25.0
    health_port: Port = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    https_proxy: Secret | None = None
    no_proxy: str = ""

    def proxy_for(self, url: str) -> str | None:
        """The proxy to reach this address by, with its password; None to reach it directly."""
        host = urlsplit(url).hostname or ""
        if self.https_proxy is None or is_loopback(host):
            return None
        # documented nowhere, but aiohttp and pip rely on it as well
        is_direct = request.proxy_bypass_environment(host, {"no": self.no_proxy})  # type: ignore[attr-defined]
        return None if is_direct else self.https_proxy.reveal()

    @property
    def prices(self) -> Prices:
        """The list's for the region, where nothing else is said."""
        listed = LIST_PRICES[self.dashscope_region]
        plain, rewritten = self.zimage_price_usd, self.zimage_price_rewritten_usd
        return Prices(
            plain_micros=listed.plain_micros if plain is None else round(plain * 1e6),
            rewritten_micros=(
                listed.rewritten_micros if rewritten is None else round(rewritten * 1e6)
            ),
        )

    @property
    def rewriter(self) -> ServiceSettings | None:
        """None if nobody rewrites."""
        if not self.rewriter_model:
            return None
        return ServiceSettings(
            model=self.rewriter_model,
            base_url=(self.rewriter_base_url or self._compatible_mode).rstrip("/"),
            api_key=self.rewriter_api_key or self.dashscope_api_key,
        )

    @property
    def picture_check(self) -> ServiceSettings | None:
        """None if no service looks at pictures."""
        if self.picture_check_api_key is None:
            return None
        return ServiceSettings(
            model=self.picture_check_api_model,
            base_url=self.picture_check_base_url.rstrip("/"),
            api_key=self.picture_check_api_key,
        )

    @property
    def _compatible_mode(self) -> str:
        """Model Studio's OpenAI-compatible interface, at the first account's host."""
        return f"{self.zimage_base_url.removesuffix('/api/v1')}/compatible-mode/v1"

    @property
    def rewriter_prices(self) -> TokenPrices:
        """The list's for the region; those of another model are set in the policy."""
        return rewriter.LIST_PRICES[self.dashscope_region]

    @property
    def proxy_password(self) -> str:
        """To be kept out of logs, as it stands in the address; empty if there is none."""
        url = "" if self.https_proxy is None else self.https_proxy.reveal()
        password = urlsplit(url).password
        return f":{password}@" if password else ""

    @property
    def zimage_base_url(self) -> str:
        return self.accounts[0].base_url

    @property
    def accounts(self) -> tuple[AccountSettings, ...]:
        """All of them, the first before those that have a name in the settings."""
        first = AccountSettings(
            name=FIRST_ACCOUNT,
            api_key=self.dashscope_api_key,
            region=self.dashscope_region,
            address=self.dashscope_base_url,
            requests_per_second=self.zimage_requests_per_second,
        )
        return (first, *self.zimage_accounts)
