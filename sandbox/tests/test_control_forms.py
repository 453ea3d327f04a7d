"""Members fill in options, selects and modals; what the client would not send is refused."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.tests.bots import PNG
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest, interaction
from sandbox.tests.wrong_bodies import command, label, option, row, select

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

FILE = {"filename": "a.png", "content_base64": base64.b64encode(PNG).decode()}
OPTIONS = [
    option("text", min_length=2, max_length=4),
    option("whole", type=4, min_value=0, max_value=9),
    option("number", type=10, choices=[{"name": "half", "value": 0.5}]),
    option("truth", type=5),
    option("user", type=6),
    option("channel", type=7, channel_types=[0]),
    option("role", type=8),
    option("anyone", type=9),
    option("file", type=11),
]
GROUP = {"type": 2, "name": "list", "description": "Lists"}
MINE = {"type": 1, "name": "mine", "description": "Mine", "options": [option("size")]}


async def fill(control: Control, name: str = "imagine", /, **options: object) -> Any:
    """Calls the command with these options; nobody is connected."""
    return await control.try_act("command", name=name, options=options, wait_online_s=0)


def sent(sandbox: Sandbox, answer: Any) -> dict[str, Any]:
    """What the bot is told of the interaction."""
    data: Any = sandbox.state.interactions[answer.body["interaction_id"]].body["data"]
    told: dict[str, Any] = data
    return told


async def test_every_kind_of_option_arrives_resolved(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Ids with what they mean, files with their links, choices by name or value."""
    await rest.must("PUT", COMMANDS, [command(options=OPTIONS)])
    role = next(r["id"] for r in control.guild["roles"] if r["name"] == "Moderator")
    told = sent(
        sandbox,
        await fill(
            control,
            text="abc",
            whole=3,
            number="half",
            truth=False,
            user=control.member(1),
            channel=control.channel("general"),
            role=role,
            anyone=role,
            file=FILE,
        ),
    )
    values = {each["name"]: each["value"] for each in told["options"]}
    assert (values["number"], values["truth"]) == (0.5, False)
    resolved = told["resolved"]
    assert resolved["members"][control.member(1)]["permissions"].isdigit()
    assert resolved["channels"][control.channel("general")]["app_permissions"].isdigit()
    assert resolved["roles"][role]["name"] == "Moderator"
    upload = resolved["attachments"][values["file"]]
    assert "/ephemeral-attachments/" in upload["url"]
    async with aiohttp.ClientSession() as session, session.get(upload["url"]) as response:
        assert await response.read() == PNG


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "a"),
        ("text", "abcde"),
        ("text", 5),
        ("whole", 10),
        ("whole", 1.5),
        ("whole", True),
        ("number", 0.25),
        ("number", "third"),
        ("truth", "yes"),
        ("user", 5),
        ("user", "5"),
        ("role", "5"),
        ("channel", "5"),
        ("anyone", "5"),
        ("file", "a.png"),
        ("file", {"filename": "a.png", "content_base64": "?"}),
    ],
)
async def test_a_value_that_the_client_would_not_send_is_refused(
    control: Control, rest: Rest, name: str, value: object
) -> None:
    """400 for what is wrong, 404 for what is not there."""
    await rest.must("PUT", COMMANDS, [command(options=OPTIONS)])
    assert (await fill(control, **{name: value})).status in (400, 404)


async def test_a_channel_of_another_type_and_a_large_file_are_refused(
    control: Control, rest: Rest
) -> None:
    """As the picker would not offer them."""
    await rest.must("PUT", COMMANDS, [command(options=OPTIONS)])
    assert (await fill(control, channel=control.channel("ideas"))).status == 404
    large = base64.b64encode(bytes(20 * 1024 * 1024 + 1)).decode()
    assert (await fill(control, file={**FILE, "content_base64": large})).body["code"] == 40005


async def test_a_subcommand_is_called_by_its_words(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The command itself, its group and unknown words cannot be called."""
    options = [{**GROUP, "options": [MINE]}]
    await rest.must("PUT", COMMANDS, [command(name="queue", options=options)])
    told = sent(sandbox, await fill(control, "queue list mine", size="wide"))
    group = told["options"][0]
    assert (group["name"], group["type"]) == ("list", 2)
    assert group["options"][0]["options"] == [{"name": "size", "type": 3, "value": "wide"}]
    for name in ("queue", "queue list", "queue list all", "queue list mine size"):
        assert (await fill(control, name)).status == 404, name


async def test_autocomplete_needs_an_option_that_autocompletes(
    control: Control, rest: Rest
) -> None:
    """Without one there is nothing to type into."""
    await rest.must("PUT", COMMANDS, [command(options=OPTIONS)])
    answer = await control.try_act("autocomplete", name="imagine", wait_online_s=0)
    assert answer.status == 400


async def test_selects_take_what_is_there(sandbox: Sandbox, control: Control, rest: Rest) -> None:
    """Members, roles and channels come resolved; counts and options are kept to."""
    kinds = {
        3: {**select(2), "max_values": 2},
        **{kind: {"type": kind, "custom_id": "pick"} for kind in (5, 6, 7, 8)},
    }
    role = next(r["id"] for r in control.guild["roles"] if r["name"] == "Moderator")
    good = {
        3: ["v0", "v1"],
        5: [control.member()],
        6: [role],
        7: [control.member()],
        8: [control.channel("general")],
    }
    for kind, component in kinds.items():
        sandbox.clock.advance(5)
        body = {"content": "pick", "components": [row(component)]}
        message_id = (await rest.must("POST", MESSAGES, body)).body["id"]
        act = {"message_id": message_id, "custom_id": "pick", "wait_online_s": 0}
        told = sent(sandbox, await control.try_act("component", values=good[kind], **act))
        assert (told["component_type"], told["values"]) == (kind, good[kind])
        for wrong in ([], ["5"], ["v0", "v1", "v2"]):
            refused = await control.try_act("component", values=wrong, **act)
            assert refused.status in (400, 404), (kind, wrong)


FIELDS = [
    label(0),
    {"type": 10, "content": "some text"},
    {"type": 18, "label": "Style", "component": {**select(3), "required": False}},
    {"type": 18, "label": "Who", "component": {"type": 5, "custom_id": "who"}},
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
    {
        "type": 18,
        "label": "Extras",
        "component": {
            "type": 22,
            "custom_id": "extras",
            "options": [{"label": v, "value": v} for v in ("frame", "mat")],
        },
    },
    {"type": 18, "label": "Sure", "component": {"type": 23, "custom_id": "sure"}},
]


async def open_modal(
    sandbox: Sandbox, control: Control, rest: Rest, *components: object
) -> dict[str, Any]:
    """Opens a modal for the first member; the data that the answer carries."""
    await rest.must("PUT", COMMANDS, [command()])
    begun = await interaction(sandbox, control)
    data = {"custom_id": "form", "title": "A form", "components": list(components)}
    await rest.must(
        "POST",
        CALLBACK,
        {"type": 9, "data": data},
        interaction_id=begun.id,
        interaction_token=begun.token,
    )
    return data


async def submit(control: Control, member: int = 0, /, **fields: object) -> Any:
    """The first member submits the form."""
    return await control.try_act(
        "modal", member=member, custom_id="form", fields=fields, wait_online_s=0
    )


GOOD: dict[int, dict[str, object]] = {
    0: {"field0": "grapes"},
    2: {},
    4: {"sample": [FILE]},
    5: {"size": "wide"},
    6: {"extras": ["mat"]},
    7: {"sure": True},
}
WRONG: dict[int, list[dict[str, object]]] = {
    0: [{}, {"field0": 5}, {"field0": "x" * 4001}, {"nowhere": "x", "field0": "x"}],
    2: [{"pick": ["v9"]}, {"pick": ["v0", "v1"]}, {"pick": [1]}],
    4: [{}, {"sample": [FILE, FILE]}],
    5: [{}, {"size": "tall"}],
    6: [{}, {"extras": ["dust"]}],
    7: [{"sure": "yes"}],
}


@pytest.mark.parametrize("field", sorted(GOOD))
async def test_a_field_of_a_modal_is_filled_in_as_the_client_lets(
    sandbox: Sandbox, control: Control, rest: Rest, field: int
) -> None:
    """Each kind once rightly, which closes the form, and before that in each wrong way."""
    await open_modal(sandbox, control, rest, FIELDS[field], FIELDS[1])
    for wrong in WRONG[field]:
        refused = await submit(control, **wrong)
        assert (refused.status, refused.body["code"]) == (400, 50035), wrong
    told = sent(sandbox, await submit(control, **GOOD[field]))
    assert told["components"][1] == {"type": 10, "id": 3}
    inner = told["components"][0]["component"]
    assert inner.get("value", inner.get("values")) is not None
    assert (await submit(control, **GOOD[field])).status == 400


async def test_a_modal_is_open_for_its_member_alone(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Another member has nothing to submit."""
    await open_modal(sandbox, control, rest, FIELDS[3])
    assert (await submit(control, 1, who=[control.member()])).status == 400
    told = sent(sandbox, await submit(control, who=[control.member()]))
    assert told["resolved"]["users"][control.member()]["username"] == "ada"


async def test_a_modal_of_the_older_kind_is_filled_in_too(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """A text input in a row."""
    field = {"type": 4, "custom_id": "old", "style": 1, "label": "Old", "required": False}
    await open_modal(sandbox, control, rest, row(field))
    told = sent(sandbox, await submit(control))
    assert told["components"][0]["components"][0]["value"] == ""
