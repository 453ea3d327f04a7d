"""What a message may not be, one rule after the other."""

from __future__ import annotations

import pytest

from sandbox.discord.rules import rule_problems
from sandbox.discord.rules.problems import Context
from sandbox.tests.wrong_bodies import FOLLOW_UP, MESSAGES, V2, button, row, select

EDIT = f"{MESSAGES}/{{message_id}}"
X = "x"
TEXT = {"type": 10, "content": X}
SHOWN = {"type": 13, "file": {"url": "attachment://a.png"}}
LINK = {"type": 2, "style": 5, "label": X, "url": "https://example.org"}
PREMIUM = {"type": 2, "style": 6, "sku_id": "7"}


def found(body: object, **context: object) -> set[tuple[str, str]]:
    """Place and code of everything that is wrong with this message."""
    method, path = ("PATCH", EDIT) if "before" in context else ("POST", MESSAGES)
    judged = rule_problems(method, path, body, Context(**context))  # type: ignore[arg-type]  # the case's own fields
    return {(".".join(map(str, p.path)), p.code) for p in judged}


def with_components(*components: object) -> dict[str, object]:
    """A V2 message of these."""
    return {"flags": V2, "components": list(components)}


def options(*values: str, **more: object) -> dict[str, object]:
    """A select with these values."""
    chosen = [{"label": v, "value": v} for v in values]
    return {"type": 3, "custom_id": "pick", "options": chosen, **more}


def rows(*components: object) -> dict[str, object]:
    """A classic message with one row."""
    return {"components": [row(*components)]}


WRONG = {
    "title of 257": ({"embeds": [{"title": X * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    "description of 4,097": (
        {"embeds": [{"description": X * 4097}]},
        "embeds.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "26 fields": (
        {"embeds": [{"fields": [{"name": X, "value": X}] * 26}]},
        "embeds.0.fields",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "field name of 257": (
        {"embeds": [{"fields": [{"name": X * 257, "value": X}]}]},
        "embeds.0.fields.0.name",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "field value of 1,025": (
        {"embeds": [{"fields": [{"name": X, "value": X * 1025}]}]},
        "embeds.0.fields.0.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "empty field": (
        {"embeds": [{"fields": [{"name": X, "value": ""}]}]},
        "embeds.0.fields.0.value",
        "BASE_TYPE_REQUIRED",
    ),
    "footer of 2,049": (
        {"embeds": [{"footer": {"text": X * 2049}}]},
        "embeds.0.footer.text",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "author of 257": (
        {"embeds": [{"author": {"name": X * 257}}]},
        "embeds.0.author.name",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "6,001 characters of embeds": (
        {"embeds": [{"description": X * 3000}, {"description": X * 3001}]},
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
    "empty embed": ({"embeds": [{"color": 3}]}, "embeds.0.description", "BASE_TYPE_REQUIRED"),
    "colour too large": (
        {"embeds": [{"title": X, "color": 1 << 24}]},
        "embeds.0.color",
        "NUMBER_TYPE_MAX",
    ),
    "timestamp in words": (
        {"embeds": [{"title": X, "timestamp": "today"}]},
        "embeds.0.timestamp",
        "DATE_TIME_TYPE_PARSE",
    ),
    "link without a scheme": (
        {"embeds": [{"title": X, "url": "example.org"}]},
        "embeds.0.url",
        "URL_TYPE_INVALID_URL",
    ),
    "link to a file": (
        {"embeds": [{"title": X, "url": "file:///etc/passwd"}]},
        "embeds.0.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    "picture that was not uploaded": (
        {"embeds": [{"image": {"url": "attachment://a.png"}}]},
        "embeds.0.image.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    "file component that was not uploaded": (
        with_components(SHOWN),
        "components.0.file.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    "file component elsewhere": (
        with_components({"type": 13, "file": {"url": "https://example.org/a.png"}}),
        "components.0.file.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    "attachment without a file": (
        {"content": X, "attachments": [{"id": 0, "filename": "a.png"}]},
        "attachments.0",
        "ATTACHMENT_NOT_FOUND",
    ),
    "alt text of 1,025": (
        {"content": X, "attachments": [{"id": 0, "description": X * 1025}]},
        "attachments.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "both ways of mentioning": (
        {"content": X, "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    "101 mentions": (
        {"content": X, "allowed_mentions": {"users": [str(n) for n in range(101)]}},
        "allowed_mentions.users",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "one mention twice": (
        {"content": X, "allowed_mentions": {"roles": ["1", "1"]}},
        "allowed_mentions.roles.1",
        "SET_TYPE_ALREADY_CONTAINS_VALUE",
    ),
    "mention of everything": (
        {"content": X, "allowed_mentions": {"parse": ["all"]}},
        "allowed_mentions.parse.0",
        "BASE_TYPE_CHOICES",
    ),
    "nonce of 26": ({"content": X, "nonce": X * 26}, "nonce", "NONCE_TYPE_TOO_LONG"),
    "nonce of another type": ({"content": X, "nonce": True}, "nonce", "NONCE_TYPE_INVALID_TYPE"),
    "enforce_nonce in words": (
        {"content": X, "nonce": X, "enforce_nonce": "yes"},
        "enforce_nonce",
        "BOOLEAN_TYPE_CONVERT",
    ),
    "ephemeral in a channel": (
        {"content": X, "flags": 64},
        "flags",
        "MESSAGE_FLAGS_NOT_ALLOWED",
    ),
    "flag that only Discord sets": (
        {"content": X, "flags": 128},
        "flags",
        "MESSAGE_FLAGS_NOT_ALLOWED",
    ),
    "four stickers": (
        {"sticker_ids": ["1", "2", "3", "4"]},
        "sticker_ids",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "id in letters": ({"sticker_ids": ["one"]}, "sticker_ids.0", "NUMBER_TYPE_COERCE"),
    "V2 with embeds": (
        {**with_components(TEXT), "embeds": [{"title": X}]},
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "V2 with a poll": (
        {**with_components(TEXT), "poll": {"question": {"text": X}, "answers": [{}]}},
        "poll",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "V2 with stickers": (
        {**with_components(TEXT), "sticker_ids": ["1"]},
        "sticker_ids",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "V2 without components": ({"flags": V2}, "components", "BASE_TYPE_REQUIRED"),
    "41 components, nested": (
        with_components(*({"type": 17, "components": [TEXT] * 9} for _ in range(4)), {"type": 14}),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "4,001 characters in texts": (
        with_components(
            {"type": 10, "content": X * 2000},
            {"type": 17, "components": [{"type": 10, "content": X * 2001}]},
        ),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "one component id twice": (
        with_components({**TEXT, "id": 5}, {"type": 17, "components": [{**TEXT, "id": 5}]}),
        "components.1.components.0.id",
        "COMPONENT_ID_DUPLICATED",
    ),
    "section of four texts": (
        with_components({"type": 9, "components": [TEXT] * 4, "accessory": button()}),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "gallery of eleven": (
        with_components(
            {"type": 12, "items": [{"media": {"url": "https://example.org/a.png"}}] * 11}
        ),
        "components.0.items",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "select beside a button": (
        rows(button(), select(2)),
        "components.0.components.1",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "link without address": (
        rows({"type": 2, "style": 5, "label": X}),
        "components.0.components.0.url",
        "BASE_TYPE_REQUIRED",
    ),
    "link with custom_id": (
        rows({**LINK, "custom_id": X}),
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "button with address": (
        rows(button(url="https://example.org")),
        "components.0.components.0.url",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "premium button without product": (
        rows({"type": 2, "style": 6}),
        "components.0.components.0.sku_id",
        "BASE_TYPE_REQUIRED",
    ),
    "premium button with label": (
        rows({**PREMIUM, "label": X}),
        "components.0.components.0.label",
        "BUTTON_COMPONENT_FIELD_NOT_ALLOWED",
    ),
    "button without label and emoji": (
        rows({"type": 2, "style": 1, "custom_id": X}),
        "components.0.components.0.label",
        "BASE_TYPE_REQUIRED",
    ),
    "custom_id of 101": (
        rows(button(custom_id=X * 101)),
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "one option twice": (
        rows(options("a", "a")),
        "components.0.components.0.options.1",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "more to choose than there is": (
        rows(options("a", "b", max_values=3)),
        "components.0.components.0.max_values",
        "NUMBER_TYPE_MAX",
    ),
    "at least more than at most": (
        rows(options("a", "b", "c", min_values=3, max_values=2)),
        "components.0.components.0.min_values",
        "NUMBER_TYPE_MAX",
    ),
    "two options chosen of one": (
        rows(
            {
                **options("a", "b"),
                "options": [{"label": v, "value": v, "default": True} for v in "ab"],
            }
        ),
        "components.0.components.0.options",
        "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    ),
    "embeds in words": ({"embeds": X}, "embeds", "LIST_TYPE_CONVERT"),
    "an embed in words": ({"embeds": [X]}, "embeds.0", "MODEL_TYPE_CONVERT"),
    "a component in words": ({"components": [X]}, "components.0", "MODEL_TYPE_CONVERT"),
    "address as a number": (
        {"embeds": [{"title": X, "url": 5}]},
        "embeds.0.url",
        "STRING_TYPE_CONVERT",
    ),
    "address of 2,049": (
        {"embeds": [{"title": X, "url": "https://" + X * 2041}]},
        "embeds.0.url",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "two defaults of one": (
        rows(
            {
                "type": 5,
                "custom_id": X,
                "default_values": [{"id": "1", "type": "user"}, {"id": "2", "type": "user"}],
            }
        ),
        "components.0.components.0.default_values",
        "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    ),
    "poll of eleven answers": (
        {"poll": {"question": {"text": X}, "answers": [{"poll_media": {"text": X}}] * 11}},
        "poll.answers",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "poll answer of 56": (
        {"poll": {"question": {"text": X}, "answers": [{"poll_media": {"text": X * 56}}]}},
        "poll.answers.0.poll_media.text",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "poll of 33 days": (
        {
            "poll": {
                "question": {"text": X},
                "answers": [{"poll_media": {"text": X}}],
                "duration": 33 * 24,
            }
        },
        "poll.duration",
        "NUMBER_TYPE_MAX",
    ),
}


@pytest.mark.parametrize(("body", "place", "code"), WRONG.values(), ids=WRONG)
def test_a_message_is_refused(body: object, place: str, code: str) -> None:
    """The rule names the place and says it in Discord's words."""
    assert (place, code) in found(body)


RIGHT = {
    "text of 2,000": {"content": X * 2000},
    "an emoji counts as one": {"content": "🎨" * 2000},
    "forward": {"message_reference": {"type": 1, "message_id": "1", "channel_id": "2"}},
    "link": rows(LINK),
    "premium": rows(PREMIUM),
    "five buttons": rows(*(button(custom_id=f"{n}") for n in range(5))),
    "forty components": with_components(
        *({"type": 17, "components": [TEXT] * 9} for _ in range(4))
    ),
    "4,000 characters": with_components({"type": 10, "content": X * 4000}),
    "6,000 characters of embeds": {
        "embeds": [{"description": X * 3000}, {"description": X * 3000}]
    },
    "nonce of 25": {"content": X, "nonce": X * 25, "enforce_nonce": True},
    "numeric nonce": {"content": X, "nonce": 1 << 60},
    "no mention": {"content": X, "allowed_mentions": {"parse": []}},
    "silent": {"content": X, "flags": 1 << 12},
    "nulls for what need not be given": {"content": X, "embeds": None, "components": None},
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_a_message_passes(body: object) -> None:
    """What is at the limit is right."""
    assert found(body) == set()


def test_an_upload_alone_is_a_message() -> None:
    """A file needs no text, and without `attachments` every upload is attached."""
    assert found({}, files={"0": "a.png"}) == set()


def test_an_upload_may_be_shown_by_embed_and_component() -> None:
    """`attachment://` finds the file by the name that `attachments` gives it."""
    named = [{"id": "0", "filename": "renamed.png"}]
    embed = {"image": {"url": "attachment://renamed.png"}}
    assert found({"embeds": [embed], "attachments": named}, files={"0": "a.png"}) == set()
    assert found(with_components(SHOWN), files={"0": "a.png"}) == set()


def test_an_edit_may_keep_what_the_message_has() -> None:
    """A kept attachment is named by its id, comes as it was received, and can be shown again."""
    kept = {"id": "77", "filename": "a.png", "url": "https://cdn.example/a.png", "size": 3}
    before = {"flags": 0, "content": X, "attachments": [kept]}
    embed = {"image": {"url": "attachment://a.png"}}
    assert found({"embeds": [embed], "attachments": [kept]}, before=before) == set()
    assert found({"embeds": [embed]}, before=before) == set()


def test_an_edit_cannot_keep_what_the_message_never_had() -> None:
    """An unknown attachment id is refused."""
    body = {"content": X, "attachments": [{"id": "78"}]}
    wrong = found(body, before={"flags": 0, "attachments": []})
    assert wrong == {("attachments.0", "ATTACHMENT_NOT_FOUND")}


def test_an_edit_cannot_empty_a_message() -> None:
    """Taking the last thing away leaves an empty message."""
    assert found({"content": ""}, before={"flags": 0, "content": X}) == {("", "EMPTY_MESSAGE")}
    assert found({"content": ""}, before={"flags": 0, "embeds": [{"title": X}]}) == set()


def test_an_edit_may_repeat_the_flags_that_are_set() -> None:
    """EPHEMERAL cannot be added by an edit, but it may be repeated."""
    assert found({"content": X, "flags": 64}, before={"flags": 64}) == set()
    wrong = found({"content": X, "flags": 64}, before={"flags": 0})
    assert wrong == {("flags", "MESSAGE_FLAGS_NOT_ALLOWED")}


def test_an_edit_of_a_v2_message_names_the_flag_again() -> None:
    """Without it the components are read as classic ones, as bots have met it."""
    before = {"flags": V2, "components": [TEXT]}
    assert found({"components": [TEXT]}, before=before) == {("components.0", "UNION_TYPE_CHOICES")}
    assert found({"components": [TEXT], "flags": V2}, before=before) == set()


def test_a_v2_message_stays_one() -> None:
    """No edit can give it content."""
    before = {"flags": V2, "components": [TEXT]}
    code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    assert found({"content": X}, before=before) == {("content", code)}


def test_an_edit_to_v2_takes_the_text_away() -> None:
    """A message with content can become V2 if the same edit sets the content to null."""
    before = {"flags": 0, "content": X}
    code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    assert found(with_components(TEXT), before=before) == {("content", code)}
    assert found({**with_components(TEXT), "content": None}, before=before) == set()


def test_a_follow_up_may_be_ephemeral() -> None:
    """An interaction's webhook takes the flag that a channel does not."""
    body = {"content": X, "flags": 64}
    assert rule_problems("POST", FOLLOW_UP, body, Context()) == ()


@pytest.mark.parametrize("nothing", [None, False, "", []])
def test_a_field_of_another_route_may_say_nothing(nothing: object) -> None:
    """Libraries send one body everywhere: a nonce means nothing in an edit, null does no harm."""
    body = {"content": X, "nonce": nothing, "enforce_nonce": False, "tts": False}
    assert found(body, before={"flags": 0}) == set()
    wrong = found({**body, "nonce": "7"}, before={"flags": 0})
    assert wrong == {("", "UNKNOWN_FIELD")}


def test_a_field_of_no_route_is_refused_even_without_a_value() -> None:
    """Discord would ignore it; here it is a slip."""
    assert found({"content": X, "ephemeral": None}) == {("", "UNKNOWN_FIELD")}
