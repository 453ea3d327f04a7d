"""While the database is slow every press is answered in time, also where a form was to open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.db.sqlite import Database
from bot.features.imagine.jobs import JobService
from bot.queue.records import JobId
from bot.texts.cards import Verb
from bot.texts.default_cards import OTHER
from cogs.answers import in_time, open_form, promptly
from tests.cogs import test_defaults, test_drafts, test_hands, test_menus, test_styles
from tests.cogs.moderator import Staff
from tests.cogs.playing import is_private, post_button, words
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.features.settings.service import SettingsService
    from tests.cogs.playing import Scene

SLOW = "The database is slow at the moment, so the form could not be opened in time."


@pytest.fixture
def stall(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on no read ends, and nobody waits for one for long."""

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    def begin() -> None:
        monkeypatch.setattr(Database, "read", never)
        for one in (promptly, in_time, open_form):
            assert one.__kwdefaults__ is not None
            monkeypatch.setitem(one.__kwdefaults__, "patience_s", 0.001)

    return begin


@pytest.mark.parametrize(
    "verb", [Verb.EDIT, Verb.CORRECT, Verb.REWRITTEN, Verb.ALT, Verb.REPORT], ids=str
)
async def test_a_form_of_a_picture_is_not_waited_for(
    scene: Scene, stall: Callable[[], None], verb: Verb
) -> None:
    """It can only be the first answer, so the member hears to press again."""
    status = await scene.imagine("a cat")
    message = await post_button(scene, verb, status["channel_id"], JobId(1))
    stall()
    async with asyncio.timeout(PATIENCE_S):
        seen = await scene.press(message, verb)
    assert SLOW in words(seen["messages"][-1])
    assert is_private(seen["messages"][-1])


async def test_a_form_of_a_draft_is_not_waited_for(scene: Scene, stall: Callable[[], None]) -> None:
    shown = await test_drafts.ask(scene)
    stall()
    async with asyncio.timeout(PATIENCE_S):
        seen = await test_drafts.press(scene, shown, "edit")
    assert SLOW in words(seen["messages"][-1])


@pytest.mark.parametrize("opens", ["negative", "size"])
async def test_a_form_of_one_s_defaults_is_not_waited_for(
    scene: Scene, stall: Callable[[], None], opens: str
) -> None:
    panel = test_defaults.Panel(scene)
    await panel.open()
    stall()
    async with asyncio.timeout(PATIENCE_S):
        await panel.use(opens, *([OTHER] if opens == "size" else []))
    assert SLOW in panel.said


async def test_a_form_of_a_setting_is_not_waited_for(
    scene: Scene, settings: SettingsService, stall: Callable[[], None]
) -> None:
    staff = Staff(scene, settings)
    await staff.open("limits")
    stall()
    async with asyncio.timeout(PATIENCE_S):
        await staff.use("open:limits:pictures")
    assert SLOW in staff.said


@pytest.mark.parametrize("command", ["style add", "style edit"])
async def test_a_form_of_a_style_is_not_waited_for(
    scene: Scene, stall: Callable[[], None], command: str
) -> None:
    workshop = test_styles.Workshop(scene)
    stall()
    async with asyncio.timeout(PATIENCE_S):
        await workshop.call(command, **({"style": "Noir"} if command == "style edit" else {}))
    assert SLOW in workshop.said


@pytest.mark.parametrize(
    ("name", "said"), [("Reimagine", ""), ("Show prompt", ""), ("Report", SLOW)]
)
async def test_a_menu_of_a_message_is_answered_meanwhile(
    scene: Scene, stall: Callable[[], None], name: str, said: str
) -> None:
    """The one that opens a form is not waited for; the others say that they think."""
    message = await test_hands.hung(scene)
    stall()
    async with asyncio.timeout(PATIENCE_S):
        seen = await test_menus.used(scene, name, message)
    assert said in words(seen["messages"][-1])


async def test_a_request_for_several_is_acknowledged_while_its_jobs_are_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are on disk; their message follows."""
    is_read, read = asyncio.Event(), JobService.jobs_of_request

    async def slowly(*asked: Any) -> Any:
        await is_read.wait()
        return await read(*asked)

    monkeypatch.setattr(JobService, "jobs_of_request", slowly)
    assert promptly.__kwdefaults__ is not None
    monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", 0.5)  # the writing is done
    several = {"prompt": "a cat", "count": 2}
    started = await scene.control.act("command", name="imagine", options=several)
    async with asyncio.timeout(PATIENCE_S):
        await scene.acknowledged(started)
    is_read.set()
    await scene.service.recorded.get()


@pytest.mark.parametrize(
    ("verb", "slow"),
    [(Verb.FIRST, "explain"), (Verb.LATER, "waiting"), (Verb.CANCEL, "queue")],
    ids=["first", "later", "cancel"],
)
async def test_what_a_press_has_changed_is_read_within_the_same_patience(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, verb: Verb, slow: str
) -> None:
    """It is acknowledged meanwhile, and shown when it is read."""
    is_read, read = asyncio.Event(), getattr(JobService, slow)

    async def slowly(*asked: Any, **how: Any) -> Any:
        await is_read.wait()
        return await read(*asked, **how)

    await scene.imagine("a cat", member=1)
    await scene.imagine("a cat")
    await scene.imagine("a dog")
    message = (await scene.command("queue"))["messages"][0]
    shown = message
    if verb is not Verb.CANCEL:
        shown = await post_button(scene, verb, message["channel_id"], JobId(3))
    monkeypatch.setattr(JobService, slow, slowly)
    assert promptly.__kwdefaults__ is not None
    monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", 0.5)  # the writing is done
    async with asyncio.timeout(PATIENCE_S):
        await scene.press(shown, verb, job=3)
    is_read.set()
