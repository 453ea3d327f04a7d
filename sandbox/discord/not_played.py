"""What Discord has and the sandbox does not play, so that a bot is told so, and not "Not Found".

A test holds the list against Discord's document: each of its operations is played or stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors
from sandbox.discord.routing import Route

if TYPE_CHECKING:
    from sandbox.discord.routing import Call, Handler, Reply

_PATHS_AND_METHODS = """
/applications/{application_id} PATCH
/applications/{application_id}/activity-instances/{instance_id} GET
/applications/{application_id}/attachment POST
/applications/{application_id}/guilds/{guild_id}/commands/{command_id}/permissions GET PUT
/applications/{application_id}/role-connections/metadata GET PUT
/channels/{channel_id}/followers POST
/channels/{channel_id}/invites GET POST
/channels/{channel_id}/polls/{message_id}/answers/{answer_id} GET
/channels/{channel_id}/polls/{message_id}/expire POST
/channels/{channel_id}/recipients/{user_id} PUT DELETE
/channels/{channel_id}/send-soundboard-sound POST
/channels/{channel_id}/threads/search GET
/channels/{channel_id}/voice-status PUT
/guilds/templates/{code} GET
/guilds/{guild_id} PATCH
/guilds/{guild_id}/auto-moderation/rules POST
/guilds/{guild_id}/auto-moderation/rules/{rule_id} PATCH DELETE
/guilds/{guild_id}/bulk-ban POST
/guilds/{guild_id}/emojis POST
/guilds/{guild_id}/emojis/{emoji_id} GET PATCH DELETE
/guilds/{guild_id}/incident-actions PUT
/guilds/{guild_id}/integrations GET
/guilds/{guild_id}/integrations/{integration_id} DELETE
/guilds/{guild_id}/invites GET
/guilds/{guild_id}/members/{user_id} PUT
/guilds/{guild_id}/messages/search GET
/guilds/{guild_id}/new-member-welcome GET
/guilds/{guild_id}/onboarding GET PUT
/guilds/{guild_id}/preview GET
/guilds/{guild_id}/prune GET POST
/guilds/{guild_id}/regions GET
/guilds/{guild_id}/requests GET
/guilds/{guild_id}/requests/{request_id} PATCH
/guilds/{guild_id}/scheduled-events/{event_id}/exceptions POST
/guilds/{guild_id}/scheduled-events/{event_id}/exceptions/{exception_id} PATCH DELETE
/guilds/{guild_id}/scheduled-events/{event_id}/{exception_id}/users GET
/guilds/{guild_id}/soundboard-sounds GET POST
/guilds/{guild_id}/soundboard-sounds/{sound_id} GET PATCH DELETE
/guilds/{guild_id}/stickers GET POST
/guilds/{guild_id}/stickers/{sticker_id} GET PATCH DELETE
/guilds/{guild_id}/templates GET POST
/guilds/{guild_id}/templates/{code} PUT PATCH DELETE
/guilds/{guild_id}/vanity-url GET
/guilds/{guild_id}/voice-states/@me GET PATCH
/guilds/{guild_id}/voice-states/{user_id} GET PATCH
/guilds/{guild_id}/welcome-screen GET PATCH
/guilds/{guild_id}/widget GET PATCH
/guilds/{guild_id}/widget.json GET
/guilds/{guild_id}/widget.png GET
/invites/{code} GET DELETE
/invites/{code}/target-users GET PUT
/invites/{code}/target-users/job-status GET
/lobbies POST PUT
/lobbies/{lobby_id} GET PATCH DELETE
/lobbies/{lobby_id}/channel-linking PATCH
/lobbies/{lobby_id}/members/@me DELETE
/lobbies/{lobby_id}/members/@me/invites POST
/lobbies/{lobby_id}/members/bulk POST
/lobbies/{lobby_id}/members/{user_id} PUT DELETE
/lobbies/{lobby_id}/members/{user_id}/invites POST
/lobbies/{lobby_id}/messages GET POST
/lobbies/{lobby_id}/messages/{message_id}/moderation-metadata PUT
/oauth2/keys GET
/oauth2/userinfo GET
/partner-sdk/dms/{user_id_1}/{user_id_2}/messages/{message_id}/moderation-metadata PUT
/partner-sdk/provisional-accounts/unmerge POST
/partner-sdk/provisional-accounts/unmerge/bot POST
/partner-sdk/token POST
/partner-sdk/token/bot POST
/skus/{sku_id}/subscriptions GET
/skus/{sku_id}/subscriptions/{subscription_id} GET
/stage-instances POST
/stage-instances/{channel_id} GET PATCH DELETE
/sticker-packs GET
/sticker-packs/{pack_id} GET
/stickers/{sticker_id} GET
/users/@me/applications/{application_id}/entitlements GET
/users/@me/applications/{application_id}/role-connection GET PUT DELETE
/users/@me/connections GET
/users/@me/guilds/{guild_id} DELETE
/users/@me/guilds/{guild_id}/member GET
/voice/regions GET
/webhooks/{webhook_id}/{webhook_token}/github POST
/webhooks/{webhook_id}/{webhook_token}/slack POST
"""


def _refusing(method: str, path: str) -> Handler:
    def refuse(_: Call) -> Reply:
        raise errors.not_played(f"The sandbox does not play {method} {path}.")

    return refuse


NOT_PLAYED = tuple(
    Route(method, path, _refusing(method, path), None)
    for path, *methods in (line.split() for line in _PATHS_AND_METHODS.strip().splitlines())
    for method in methods
)
