"""Scenes that between them call every route of the local Discord, and succeed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.tests.bots import PNG
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, interaction
from sandbox.tests.wrong_bodies import V2, button, label, row, select

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.tests.rest import Rest

APPLICATION = "/applications/{application_id}"
CHANNEL = "/channels/{channel_id}"
GUILD = "/guilds/{guild_id}"
MESSAGE = f"{MESSAGES}/{{message_id}}"
HOOK = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{HOOK}/messages/@original"
FOLLOW_UP = f"{HOOK}/messages/{{message_id}}"

EMBED = {
    "title": "A lighthouse",
    "url": "https://example.org",
    "description": "at dusk",
    "color": 0x3366FF,
    "timestamp": "2026-01-01T00:00:00Z",
    "image": {"url": "attachment://a.png"},
    "thumbnail": {"url": "https://example.org/b.png"},
    "author": {"name": "Zeuxis", "url": "https://example.org", "icon_url": "https://example.org/c"},
    "footer": {"text": "seed 7", "icon_url": "https://example.org/d"},
    "fields": [{"name": "Size", "value": "1024 × 1024", "inline": True}],
}
OPTION = {"label": "One", "value": "1", "description": None, "emoji": {"id": None, "name": "🎨"}}
SELECTS = [
    {**select(2), "options": [OPTION], "placeholder": None},
    {"type": 5, "custom_id": "pick5", "default_values": [{"id": 5, "type": "user"}]},
    *({"type": kind, "custom_id": f"pick{kind}"} for kind in (6, 7, 8)),
]
LINK = {
    "type": 2,
    "style": 5,
    "label": "Help",
    "url": "https://example.org",
    "emoji": {"name": "💡"},
}
MEDIA = {"media": {"url": "attachment://a.png"}, "description": "a lighthouse"}
CARD = [
    {
        "type": 17,
        "accent_color": 0x3366FF,
        "components": [
            {"type": 10, "content": "**text**"},
            {"type": 12, "items": [MEDIA]},
            {
                "type": 9,
                "components": [{"type": 10, "content": "x"}],
                "accessory": {"type": 11, **MEDIA},
            },
            {"type": 14, "spacing": 2},
            {"type": 13, "file": {"url": "attachment://b.png"}},
            row(button()),
        ],
    },
    row(SELECTS[1]),
]
FIELDS = [
    label(0),
    {"type": 10, "content": "some text"},
    {"type": 18, "label": "Style", "component": select(3)},
    {"type": 18, "label": "Sample", "component": {"type": 19, "custom_id": "sample"}},
    {
        "type": 18,
        "label": "Size",
        "component": {
            "type": 21,
            "custom_id": "size",
            "options": [{"label": v, "value": v} for v in ("square", "wide")],
        },
    },
]


async def who_is_there(rest: Rest) -> None:
    """Users, the application, the gateway, and the guild with its people."""
    for path in ("/users/@me", "/users/@me/guilds", "/users/{user_id}", "/oauth2/applications/@me"):
        await rest.get(path)
    for path in ("/applications/@me", APPLICATION, "/gateway", "/gateway/bot"):
        await rest.get(path)
    await rest.get("/oauth2/@me")
    await rest.must("PATCH", "/users/@me", {"username": "Zeuxis II"})
    await rest.must("PATCH", "/applications/@me", {"description": "Paints", "tags": ["art"]})
    rest.places["role_id"] = rest.places["guild_id"]
    await rest.get("/soundboard-default-sounds")
    for path in ("/emojis", "/roles/member-counts"):
        await rest.get(f"{GUILD}{path}")
    for path in ("", "/channels", "/roles", "/roles/{role_id}", "/members/{user_id}"):
        await rest.get(f"{GUILD}{path}")
    for path, query in (("/members", {"limit": "2"}), ("/members/search", {"query": "a"})):
        answer = await rest.call("GET", f"{GUILD}{path}", query=query)
        assert answer.body


async def staff_of(rest: Rest) -> None:
    """Names itself and a member, gives and takes a new role, makes channels."""
    member = f"{GUILD}/members/{{user_id}}"
    for way in ("@me", "@me/nick"):
        await rest.must("PATCH", f"{GUILD}/members/{way}", {"nick": "Painter"})
    await rest.must("PATCH", member, {"nick": "Ochre", "communication_disabled_until": None})
    look = {"name": "Collector", "color": 0x3366FF, "hoist": True, "permissions": "1024"}
    made = await rest.must("POST", f"{GUILD}/roles", look)
    role = {"role_id": made.body["id"]}
    await rest.must("PATCH", f"{GUILD}/roles/{{role_id}}", {"mentionable": True}, **role)
    for method in ("PUT", "DELETE"):
        await rest.must(method, f"{member}/roles/{{role_id}}", **role)
    await rest.must("DELETE", f"{GUILD}/roles/{{role_id}}", **role)
    for kind in (0, 2, 4, 5, 15):
        await rest.must("POST", f"{GUILD}/channels", {"name": "New one", "type": kind})


async def audit_log(rest: Rest, control: Control) -> None:
    """Takes a member's message away, for a reason, and reads of it."""
    written = await control.call(
        "POST",
        f"/channels/{control.channel('pictures')}/messages",
        {"user_id": control.member(), "content": "x"},
    )
    await rest.must("DELETE", MESSAGE, message_id=written.body["id"])
    assert (await rest.get(f"{GUILD}/audit-logs")).body["audit_log_entries"]


async def positions(rest: Rest, control: Control) -> None:
    """Leaves roles and channels where they are."""
    await rest.must("PATCH", f"{GUILD}/roles", [])
    await rest.must("PATCH", f"{GUILD}/channels", [{"id": control.channel("general")}])


async def bans(rest: Rest, control: Control) -> None:
    """Kicks somebody, bans somebody, reads of it and lets them back."""
    ban = f"{GUILD}/bans/{{user_id}}"
    await rest.must("DELETE", f"{GUILD}/members/{{user_id}}", user_id=control.member(2))
    await rest.must("PUT", ban, {"delete_message_seconds": 60}, user_id=control.member(2))
    await rest.get(f"{GUILD}/bans")
    await rest.get(ban, user_id=control.member(2))
    await rest.must("DELETE", ban, user_id=control.member(2))


async def automod(rest: Rest, control: Control) -> None:
    """Reads rules that staff have set."""
    rules = [
        {"name": "words", "keywords": ["bad*"]},
        {"name": "lists", "presets": [1, 3]},
        {"name": "crowd", "most_mentions": 5},
        {"name": "spam", "spam": True},
    ]
    await control.call("PUT", f"/guilds/{control.guild['id']}/automod", rules)
    every = f"{GUILD}/auto-moderation/rules"
    for rule in (await rest.get(every)).body:
        await rest.get(f"{every}/{{rule_id}}", rule_id=rule["id"])


async def scheduled_events(rest: Rest, control: Control) -> None:
    """Plans an event elsewhere and one in a channel, counts its users and calls it off."""
    every = f"{GUILD}/scheduled-events"
    one, start = f"{every}/{{guild_scheduled_event_id}}", "2035-01-01T20:00:00Z"
    plan = {"name": "Vernissage", "privacy_level": 2, "scheduled_start_time": start}
    there = {"entity_type": 2, "channel_id": control.channel("voices")}
    elsewhere = {"entity_type": 3, "scheduled_end_time": "2035-01-01T23:00:00Z"}
    for where in (there, {**elsewhere, "entity_metadata": {"location": "The pier"}}):
        made = (await rest.must("POST", every, {**plan, **where})).body
        event = {"guild_scheduled_event_id": made["id"]}
        users = f"/guilds/{control.guild['id']}/scheduled-events/{made['id']}/users"
        await control.call("PUT", f"{users}/{control.member()}")
        counted, listed = {"with_user_count": "true"}, {"with_member": "true"}
        for path, query in ((every, counted), (one, counted), (f"{one}/users", listed)):
            assert (await rest.call("GET", path, query=query, **event)).body
        await rest.get(f"{one}/users/counts", **event)
        await rest.must("PATCH", one, {"status": 4}, **event)
        await rest.must("DELETE", one, **event)


async def webhooks(rest: Rest) -> None:
    """Makes a webhook, speaks with it, changes and deletes it by its token and without."""
    of_channel, one, by_token = f"{CHANNEL}/webhooks", "/webhooks/{webhook_id}", HOOK
    for path in (one, by_token):
        made = (await rest.must("POST", of_channel, {"name": "Easel"})).body
        hook = {"webhook_id": made["id"], "webhook_token": made["token"]}
        await rest.get(of_channel)
        await rest.get(f"{GUILD}/webhooks")
        await rest.get(path, **hook)
        await rest.must("PATCH", path, {"name": "Palette"}, **hook)
        said = {"content": "hi", "username": "Ochre", "components": [row(LINK)]}
        query = {"wait": "true"}
        sent = await rest.call("POST", HOOK, said, query=query, files={"a.png": PNG}, **hook)
        message = {"message_id": sent.body["id"], **hook}
        await rest.get(FOLLOW_UP, **message)
        kept = {"content": "less", "attachments": [{"id": sent.body["attachments"][0]["id"]}]}
        await rest.must("PATCH", FOLLOW_UP, kept, **message)
        await rest.must("DELETE", FOLLOW_UP, **message)
        await rest.must("DELETE", path, **hook)


async def commands_in(rest: Rest, scope: str) -> None:
    """Registers, reads, changes and deletes commands of one scope."""
    every, one = f"{APPLICATION}{scope}/commands", f"{APPLICATION}{scope}/commands/{{command_id}}"
    await rest.must("PUT", every, [COMMAND, MENU])
    made = await rest.must("POST", every, {"name": "more", "description": "More"})
    await rest.get(every)
    command_id = made.body["id"]
    await rest.get(one, command_id=command_id)
    await rest.must("PATCH", one, {"description": "Even more"}, command_id=command_id)
    await rest.must("DELETE", one, command_id=command_id)
    if scope:
        await rest.get(f"{every}/permissions")


COMMAND = {
    "name": "imagine",
    "description": "Paint something",
    "name_localizations": {"de": "male"},
    "description_localizations": {"de": "Male etwas"},
    "default_member_permissions": "2048",
    "contexts": [0, 1],
    "integration_types": [0, 1],
    "options": [
        {
            "type": 3,
            "name": "prompt",
            "description": "What",
            "required": True,
            "autocomplete": True,
        },
        {"type": 4, "name": "seed", "description": "Which", "min_value": 0, "max_value": 9},
        {"type": 10, "name": "weight", "description": "How much", "min_value": 0.5},
        {
            "type": 3,
            "name": "size",
            "description": "How large",
            "choices": [{"name": "Square", "value": "1:1", "name_localizations": {"de": "eckig"}}],
        },
        {"type": 7, "name": "where", "description": "Where", "channel_types": [0, 11]},
        {"type": 11, "name": "sample", "description": "Like this"},
        {"type": 5, "name": "fast", "description": "Now"},
    ],
}
MENU = {"type": 3, "name": "Paint this"}


async def answers(rest: Rest, control: Control) -> None:
    """Answers interactions in every way, then edits, reads, follows up and deletes."""
    await rest.must("PUT", COMMANDS, [COMMAND, {"name": "plain", "description": "No options"}])
    await _open(rest, control)
    await rest.must("POST", CALLBACK, {"type": 5})
    files = {"a.png": PNG, "b.png": PNG}
    card = {"flags": V2, "components": CARD}
    await rest.must("PATCH", ORIGINAL, card, files=files)
    await rest.get(ORIGINAL)
    more = await rest.must("POST", HOOK, {"content": "more", "embeds": [EMBED]}, files=files)
    follow_up = more.body["id"]
    await rest.get(FOLLOW_UP, message_id=follow_up)
    await rest.must("PATCH", FOLLOW_UP, {"content": "less"}, message_id=follow_up)
    await rest.must("DELETE", FOLLOW_UP, message_id=follow_up)
    await rest.must("DELETE", ORIGINAL)
    for body in (
        {"type": 4, "data": {"content": "at once", "flags": 64, "components": [row(*SELECTS[:1])]}},
        {"type": 9, "data": {"custom_id": "form", "title": "Form", "components": FIELDS}},
    ):
        await _open(rest, control)
        answer = await rest.call("POST", CALLBACK, body, query={"with_response": "true"})
        assert answer.body["interaction"]["type"] == 2


async def _open(rest: Rest, control: Control) -> None:
    opened = await interaction(rest.sandbox, control, "plain")
    rest.places.update(
        interaction_id=opened.id,
        interaction_token=opened.token,
        webhook_id=rest.places["application_id"],
        webhook_token=opened.token,
    )


async def messages(rest: Rest) -> None:
    """Sends, reads, edits, pins, reacts to and deletes messages."""
    rows = [row(button(), LINK), *(row(each) for each in SELECTS[:4])]
    first = await rest.must(
        "POST",
        MESSAGES,
        {
            "content": "hello <@{user_id}>".format_map(rest.places),
            "embeds": [EMBED],
            "components": rows,
        },
        files={"a.png": PNG},
    )
    rest.places["message_id"] = first.body["id"]
    reply = {"content": "a reply", "message_reference": {"message_id": first.body["id"]}}
    second = await rest.must("POST", MESSAGES, {**reply, "nonce": "7", "enforce_nonce": True})
    await rest.get(MESSAGES)
    await rest.get(MESSAGE)
    await rest.must("POST", f"{CHANNEL}/typing")
    await _react(rest)
    await _pin(rest)
    await rest.must("PATCH", MESSAGE, {"content": "changed", "embeds": [], "components": []})
    third = await rest.must("POST", MESSAGES, {"content": "to be deleted"})
    both = [third.body["id"], second.body["id"]]
    await rest.must("POST", f"{MESSAGES}/bulk-delete", {"messages": both})
    await rest.must("DELETE", MESSAGE)


async def announcement(rest: Rest, control: Control) -> None:
    """Publishes a message."""
    place = {"channel_id": control.channel("news")}
    sent = await rest.must("POST", MESSAGES, {"content": "news"}, at=place)
    await rest.must("POST", f"{MESSAGE}/crosspost", message_id=sent.body["id"], at=place)


async def _react(rest: Rest) -> None:
    every = f"{MESSAGE}/reactions"
    one = f"{every}/{{emoji_name}}"
    rest.places["emoji_name"] = "🎨"
    await rest.must("PUT", f"{one}/@me")
    await rest.get(one)
    await rest.get(MESSAGE)
    await rest.must("DELETE", f"{one}/@me")
    for path in (f"{one}/{{user_id}}", one, every):
        await rest.must("PUT", f"{one}/@me")
        bot_id = rest.places["application_id"]
        await rest.must("DELETE", path, user_id=bot_id)


async def _pin(rest: Rest) -> None:
    for path in (f"{MESSAGES}/pins", f"{CHANNEL}/pins"):
        await rest.must("PUT", f"{path}/{{message_id}}")
        await rest.get(path)
        await rest.must("DELETE", f"{path}/{{message_id}}")


async def threads(rest: Rest, control: Control) -> None:
    """Threads of a message, of their own, in a forum; joined, left, archived, listed."""
    message = await rest.must("POST", MESSAGES, {"content": "start here"})
    name = {"name": "A thread", "auto_archive_duration": 60}
    of_message = await rest.must("POST", f"{MESSAGE}/threads", name, message_id=message.body["id"])
    await rest.get(MESSAGE, message_id=message.body["id"])
    private = await rest.must("POST", f"{CHANNEL}/threads", {**name, "type": 12, "invitable": True})
    tag = next(c for c in control.guild["channels"] if c["name"] == "ideas")["available_tags"][0]
    post = {**name, "message": {"content": "an idea"}, "applied_tags": [tag["id"]]}
    forum = control.channel("ideas")
    await rest.must("POST", f"{CHANNEL}/threads", post, channel_id=forum)
    for thread in (of_message.body, private.body):
        await _join(rest, thread["id"])
    await rest.get(f"{GUILD}/threads/active")
    for thread, kind in ((of_message.body, "public"), (private.body, "private")):
        await rest.must("PATCH", CHANNEL, {"archived": True}, channel_id=thread["id"])
        listed = await rest.get(f"{CHANNEL}/threads/archived/{kind}")
        assert [t["id"] for t in listed.body["threads"]] == [thread["id"]]
    joined = await rest.get(f"{CHANNEL}/users/@me/threads/archived/private")
    assert [t["id"] for t in joined.body["threads"]] == [private.body["id"]]


async def _join(rest: Rest, thread_id: str) -> None:
    members = f"{CHANNEL}/thread-members"
    await rest.must("DELETE", f"{members}/@me", channel_id=thread_id)
    await rest.must("PUT", f"{members}/@me", channel_id=thread_id)
    await rest.must("PUT", f"{members}/{{user_id}}", channel_id=thread_id)
    await rest.get(members, channel_id=thread_id)
    await rest.get(f"{members}/{{user_id}}", channel_id=thread_id)
    await rest.call("GET", members, query={"with_member": "true"}, channel_id=thread_id)
    await rest.must("DELETE", f"{members}/{{user_id}}", channel_id=thread_id)


async def channels(rest: Rest, control: Control) -> None:
    """Reads every channel, changes one, its overwrites, deletes it; and writes to a member."""
    for channel in control.guild["channels"]:
        await rest.get(CHANNEL, channel_id=channel["id"])
    await rest.must("PATCH", CHANNEL, {"topic": "Paint here", "rate_limit_per_user": 5})
    overwrite = f"{CHANNEL}/permissions/{{overwrite_id}}"
    allowed = {"type": 1, "allow": "2048", "deny": "0"}
    rest.places["overwrite_id"] = rest.places["user_id"]
    await rest.must("PUT", overwrite, allowed)
    await rest.get(CHANNEL)
    await rest.must("DELETE", overwrite)
    user = {"recipient_id": rest.places["user_id"]}
    direct = await rest.must("POST", "/users/@me/channels", user)
    await rest.must("POST", MESSAGES, {"content": "psst"}, channel_id=direct.body["id"])
    await rest.get(CHANNEL, channel_id=direct.body["id"])
    await rest.must("DELETE", CHANNEL, channel_id=control.channel("studio"))


async def emojis(rest: Rest) -> None:
    """Uploads, renames and deletes an emoji of the application."""
    every, one = f"{APPLICATION}/emojis", f"{APPLICATION}/emojis/{{emoji_id}}"
    image = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    made = await rest.must("POST", every, {"name": "grapes", "image": image})
    rest.places["emoji_id"] = made.body["id"]
    await rest.get(every)
    await rest.get(one)
    await rest.must("PATCH", one, {"name": "grapes_2"})
    await rest.must("DELETE", one)


async def purchases(rest: Rest) -> None:
    """Gives the member and the guild what can be bought, uses it up, takes it back."""
    skus = (await rest.get(f"{APPLICATION}/skus")).body
    every, one = f"{APPLICATION}/entitlements", f"{APPLICATION}/entitlements/{{entitlement_id}}"
    given: list[dict[str, Any]] = []
    for sku, owner, kind in ((skus[2], "user_id", 2), (skus[0], "guild_id", 1)):
        body = {"sku_id": sku["id"], "owner_id": rest.places[owner], "owner_type": kind}
        given.append((await rest.must("POST", every, body)).body)
    await rest.get(every)
    rest.places["entitlement_id"] = given[0]["id"]
    await rest.get(one)
    await rest.must("POST", f"{one}/consume")
    await rest.must("DELETE", one)
