"""/lineage, as members use it; nothing draws here, so pictures are still being painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.features.lineage.rules import link_in
from bot.queue.records import JobId
from tests.cogs.playing import is_private, parts, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

ADA, BEN = 0, 1


async def ask(scene: Scene, job: str, **act: Any) -> dict[str, Any]:
    settled = await scene.command("lineage", options={"job": job}, **act)
    answer: dict[str, Any] = settled["messages"][-1]
    assert is_private(answer)
    return answer


@pytest.mark.process
async def test_a_picture_is_shown_with_its_family(scene: Scene) -> None:
    """For the one who asks alone, in their language, with the tree as alternative text."""
    await scene.imagine("first grapes")
    answer = await ask(scene, "#1", member=BEN, locale="de")
    (panel,) = answer["attachments"]
    assert (panel["filename"], panel["content_type"]) == ("lineage.png", "image/png")
    assert panel["description"] == "Stammbaum, 1 Bild; 1 (dieses): wird gemalt"
    (gallery,) = [one for one in parts(answer) if one["type"] == 12]
    assert gallery["items"][0]["description"] == panel["description"]
    assert "### 🌳 Stammbaum" in words(answer)


async def test_without_the_extra_the_tree_stands_in_lines(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no picture is fetched for nothing."""
    monkeypatch.setattr("bot.drawing.png.find_spec", lambda _: None)
    await scene.imagine("first grapes")
    answer = await ask(scene, "1")
    assert answer["attachments"] == []
    assert "(this one): being painted" in words(answer)


@pytest.mark.parametrize("job", ["2", "#999999", "grapes", "0"])
async def test_what_is_no_picture_is_unknown(scene: Scene, job: str) -> None:
    await scene.imagine("first grapes")
    answer = await ask(scene, job)
    assert answer["attachments"] == []
    assert "Lineage" not in words(answer)


async def test_nothing_is_offered_while_nothing_hangs_or_the_database_is_away(
    scene: Scene,
) -> None:
    await scene.imagine()
    for is_open in (True, False):
        scene.service._database._is_open = is_open
        offered = await scene.control.act(
            "autocomplete", name="lineage", options={"job": ""}, focused="job"
        )
        assert offered["choices"] == []


# ------------------------------------------------------------------------------------------------
# Which of the pictures of a message is the job's.


def media(name: str) -> dict[str, Any]:
    return {"media": {"url": "https://cdn/", "proxy_url": f"https://media/{name}?ex=1"}}


def test_a_picture_is_known_by_its_file_s_name() -> None:
    """In components, however deep, and as an attachment."""
    gallery = {"type": 12, "items": [media("zeuxis-17.png"), media("zeuxis-1.jpg")]}
    message = {"attachments": [], "components": [{"type": 17, "components": [gallery]}]}
    assert link_in(message, JobId(1)) == "https://media/zeuxis-1.jpg?ex=1"
    assert link_in(message, JobId(17)) == "https://media/zeuxis-17.png?ex=1"
    assert link_in(message, JobId(7)) is None
    attachment = {"attachments": [{"proxy_url": "https://media/zeuxis-7.png"}]}
    assert link_in(attachment, JobId(7)) == "https://media/zeuxis-7.png"


def test_the_only_picture_of_a_message_is_the_job_s_whatever_its_name() -> None:
    assert link_in({"components": [media("old.png")]}, JobId(1)) == "https://media/old.png?ex=1"


@pytest.mark.parametrize("message", [{}, None, [], {"components": [{"proxy_url": 7}]}, "x"])
def test_a_message_without_pictures_has_no_link(message: object) -> None:
    assert link_in(message, JobId(1)) is None
