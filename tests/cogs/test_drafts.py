"""Before a picture is queued: a rewritten prompt to read, several prompts to confirm."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from discord import ui

from bot.errors import AnswerLost, ContentRefused, Inspected, RateLimited, StorageError
from bot.features.imagine import rows
from bot.features.imagine.records import TypedRequest
from bot.features.imagine.service import Service
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Rewriting, Scope
from bot.providers.rewriter import OUTPUT_TOKENS
from bot.queue.records import JobId, UserId
from bot.refusals import NoRewriter, UnknownJob
from bot.texts.cards import Card, Colour
from bot.texts.draft_cards import DraftPress, DraftVerb
from cogs import Services, setup_cogs
from cogs.answers import promptly
from tests.cogs.conftest import WillingRewriter, an_answer, connected
from tests.cogs.playing import buttons, is_private, parts, words
from tests.queue.world import an_origin
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from bot.client import ImageBot
    from bot.features.imagine.drafts import DraftService
    from bot.policy.rules import Value
    from bot.providers.rewriter import RewrittenPrompt
    from tests.cogs.playing import Scene

DRAFT = 1  # the first number that is given
ALONE = JobId(2)


async def ask(scene: Scene, prompt: str = "a cat", **options: Any) -> dict[str, Any]:
    """What the member alone is shown."""
    options = {"prompt": prompt, "rewrite": "ask", **options}
    seen = await scene.command("imagine", options=options)
    await settled(scene)
    (message,) = seen["messages"]
    assert is_private(message)
    return dict(message)


async def settled(scene: Scene) -> None:
    """The last write is done."""
    await scene.service.database.read(lambda tx: tx.execute("SELECT 1").fetchone())


async def press(
    scene: Scene, message: dict[str, Any], verb: str, *, draft: int = DRAFT, **act: Any
) -> dict[str, Any]:
    started = await scene.control.act(
        "component",
        message_id=message["id"],
        custom_id=f"zeuxis:2:draft:{verb}:{draft}",
        channel=message["channel_id"],
        **act,
    )
    await scene.acknowledged(started)
    return await scene.seen(started)


async def old_button(
    scene: Scene, shown: dict[str, Any], verb: str, *, draft: int = DRAFT
) -> dict[str, Any]:
    """A message with one button of a draft, as a client may still show it."""
    press = DraftPress(verb=DraftVerb(verb), draft_id=JobId(draft))
    row: ui.ActionRow[Card] = ui.ActionRow(ui.Button(label="?", custom_id=str(press)))
    place = scene.bot.get_partial_messageable(int(shown["channel_id"]))
    sent = await place.send(view=Card(Colour.NEUTRAL, row))
    return {"id": str(sent.id), "channel_id": shown["channel_id"]}


async def save(scene: Scene, prompt: str) -> dict[str, Any]:
    """Fills in the form that is open."""
    started = await scene.control.act(
        "modal", custom_id=f"zeuxis:2:draft:save:{DRAFT}", fields={"prompt": prompt}
    )
    await scene.acknowledged(started)
    return await scene.seen(started)


async def used(scene: Scene, message: dict[str, Any], verb: str) -> dict[str, Any]:
    """Presses, and returns the status message once it is on disk."""
    started = await scene.control.act(
        "component",
        message_id=message["id"],
        custom_id=f"zeuxis:2:draft:{verb}:{DRAFT}",
        channel=message["channel_id"],
    )
    await scene.service.recorded.get()
    seen = await scene.seen(started)
    (status,) = [one for one in seen["messages"] if not is_private(one)]
    return dict(status)


async def set_value(scene: Scene, name: str, value: Value) -> None:
    key = Key(Scope.OPERATOR, 0, name)
    await scene.service.database.write(set_policy, key, value, by="operator", now_us=1)


async def ledger(scene: Scene) -> list[tuple[Any, ...]]:
    def read(tx: Any) -> Any:
        return tx.execute(
            "SELECT job_id, entry, outcome, pictures, reserved_micros + cost_micros FROM ledger"
            " ORDER BY job_id, entry"
        ).fetchall()

    return list(await scene.service.database.read(read))


async def nothing_is_queued(scene: Scene) -> bool:
    rows = await scene.service.database.read(
        lambda tx: tx.execute("SELECT count(*) FROM job").fetchone()
    )
    return bool(rows[0] == 0)


async def test_a_member_reads_the_rewritten_prompt_before_anything_is_painted(
    scene: Scene,
) -> None:
    """Both prompts, both prices and four answers; the ledger has a rewriting, and no picture."""
    shown = await ask(scene, "a *red* cat")
    assert "a \\*red\\* cat in low light" in words(shown)
    assert "Rewriting cost $0.000095" in words(shown)
    assert "1 picture for $0.015" in words(shown)
    assert [one["label"] for one in buttons(shown)] == [
        *("Use the rewritten", "Edit", "Keep mine", "Drop")
    ]
    assert await nothing_is_queued(scene)
    assert [row[:4] for row in await ledger(scene)] == [
        (DRAFT, "reserved", "", 0),
        (DRAFT, "settled", "rewriting", 0),
    ]
    assert sum(row[4] for row in await ledger(scene)) == 95


async def test_who_always_wants_to_read_first_is_asked(scene: Scene, services: Services) -> None:
    """By their own default; what is typed is nearer."""
    await services.defaults.change(UserId(int(scene.control.member(0))), rewriting=Rewriting.ASK)
    seen = await scene.command("imagine", options={"prompt": "a cat"})
    assert "a cat in low light" in words(seen["messages"][0])
    assert await nothing_is_queued(scene)
    await scene.imagine("a dog", options={"rewrite": "off"})
    assert (await scene.service.jobs.job(ALONE)).request.prompt == "a dog"


@pytest.mark.parametrize("rewriting", [Rewriting.ASK, Rewriting.OFF])
async def test_imagine_is_answered_in_time_while_the_database_is_slow(
    scene: Scene, services: Services, monkeypatch: pytest.MonkeyPatch, rewriting: Rewriting
) -> None:
    """The member's defaults say who may read the answer, and they are read meanwhile."""
    await services.defaults.change(UserId(int(scene.control.member(0))), rewriting=rewriting)
    is_read, resolve = asyncio.Event(), Service.resolve

    async def slowly(*asked: Any, **how: Any) -> Any:
        await is_read.wait()
        return await resolve(*asked, **how)

    monkeypatch.setattr(Service, "resolve", slowly)
    assert promptly.__kwdefaults__ is not None
    monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", 0.001)
    started = await scene.control.act("command", name="imagine", options={"prompt": "a cat"})
    await scene.acknowledged(started)
    is_read.set()
    (shown,) = await scene.says(started, "a cat")
    assert is_private(shown) == (rewriting is Rewriting.ASK)


@pytest.mark.parametrize(("verb", "prompt"), [("use", "a cat in low light"), ("own", "a cat")])
async def test_the_press_becomes_the_request(scene: Scene, verb: str, prompt: str) -> None:
    """Its status message is for everybody; the provider does not rewrite it again."""
    shown = await ask(scene, size="wide", seed=5, negative="dogs")
    status = await used(scene, shown, verb)
    assert prompt in words(status)
    job = await scene.service.jobs.job(ALONE)
    assert (job.request.prompt, job.request.rewrite) == (prompt, False)
    assert (job.request.seed, job.request.negative) == (5, "dogs")
    assert str(job.request.size) == "1280*720"


@pytest.mark.parametrize(
    ("prompt", "verb"), [("a cat", "use"), ("a cat", "own"), ("a {red|blue} cat", "paint")]
)
async def test_the_private_card_says_what_was_decided(scene: Scene, prompt: str, verb: str) -> None:
    """And has no buttons any more."""
    options = {} if verb == "paint" else {"rewrite": "ask"}
    seen = await scene.command("imagine", options={"prompt": prompt, **options})
    (shown,) = seen["messages"]
    started = await scene.control.act(
        "component",
        message_id=shown["id"],
        custom_id=f"zeuxis:2:draft:{verb}:{DRAFT}",
        channel=shown["channel_id"],
    )
    answers = await scene.says(started, "Asked for.")
    (card,) = [one for one in answers if one["id"] == shown["id"]]
    assert "Asked for." in words(card)
    assert buttons(card) == []


async def test_braces_that_are_escaped_stay_one_prompt_when_it_is_kept(
    scene: Scene, rewriter: WillingRewriter
) -> None:
    """They are read once, and so is what the rewriter makes of them."""
    rewriter.answers.append(an_answer("a {big|small} sign"))
    shown = await ask(scene, "a \\{red|blue\\} sign")
    assert rewriter.asked == ["a {red|blue} sign"]
    await used(scene, shown, "own")
    job = await scene.service.jobs.job(ALONE)
    assert (job.request.prompt, job.count) == ("a {red|blue} sign", 1)


async def test_two_presses_in_a_second_make_one_request(scene: Scene) -> None:
    """Whichever comes second hears that."""
    shown = await ask(scene)
    answers = await asyncio.gather(*(press(scene, shown, verb) for verb in ("use", "own")))
    said = [words(one) for answer in answers for one in answer["messages"] if is_private(one)]
    assert sum("This was used already" in one for one in said) == 1
    rows = await scene.service.database.read(
        lambda tx: tx.execute("SELECT count(*) FROM job").fetchone()
    )
    assert rows[0] == 1


async def test_what_was_dropped_stays_dropped(scene: Scene) -> None:
    shown = await ask(scene)
    seen = await press(scene, shown, "drop")
    assert any("Dropped. Nothing was painted." in words(one) for one in seen["messages"])
    for verb in ("use", "own", "edit", "drop"):
        seen = await press(scene, await old_button(scene, shown, verb), verb)
        assert any("This was dropped." in words(one) for one in seen["messages"])
    assert await nothing_is_queued(scene)


async def test_a_draft_of_somebody_else_or_of_long_ago_is_none(scene: Scene) -> None:
    """Its buttons are private, and their ids can be forged."""
    shown = await ask(scene)
    for draft, member in ((DRAFT, 1), (404, 0)):
        public = await old_button(scene, shown, "use", draft=draft)
        seen = await press(scene, public, "use", draft=draft, member=member)
        assert any("This is not kept any more." in words(one) for one in seen["messages"])
    assert await nothing_is_queued(scene)


async def test_the_prompt_is_changed_in_a_form_and_shown_again(scene: Scene) -> None:
    shown = await ask(scene)
    await press(scene, shown, "edit")
    seen = await save(scene, "a cat by night")
    assert any("a cat by night" in words(one) for one in seen["messages"])
    status = await used(scene, shown, "use")
    assert "a cat by night" in words(status)


async def test_what_is_typed_too_long_is_given_back_to_be_shortened(
    scene: Scene, services: Services
) -> None:
    """As often as that takes; the draft is as it was until it fits, and then it is that."""
    shown = await ask(scene)
    seen = await press(scene, shown, "edit")
    for typed in ("x" * 801, "y" * 802):
        seen = await save(scene, typed)
        refused = seen["messages"][-1]
        assert is_private(refused)
        assert f"{len(typed)} characters" in words(refused)
        (again,) = buttons(refused)
        started = await scene.control.act(
            "component",
            message_id=refused["id"],
            custom_id=again["custom_id"],
            channel=refused["channel_id"],
        )
        await scene.acknowledged(started)
        form = (await scene.seen(started))["modal"]
        (field,) = [one["component"] for one in parts(form) if "component" in one]
        assert field["value"] == typed
    me = UserId(int(scene.control.member(0)))
    assert (await services.drafts.draft(JobId(DRAFT), me)).rewritten == "a cat in low light"
    await save(scene, "a cat by night")
    assert (await services.drafts.draft(JobId(DRAFT), me)).rewritten == "a cat by night"


@pytest.mark.parametrize("verb", ["paint", "own"])
async def test_a_kept_seed_that_is_no_number_is_refused_as_elsewhere(
    scene: Scene, services: Services, verb: str
) -> None:
    """What was typed stays as it was."""
    typed = TypedRequest(prompt="a cat", seed="seven", rewriting=Rewriting.OFF)
    me = UserId(int(scene.control.member(0)))
    draft = await services.drafts.keep_typed(typed, an_origin(user=me))
    old = await old_button(scene, await scene.imagine("a dog"), verb, draft=draft.id)
    seen = await press(scene, old, verb, draft=draft.id)
    assert "“seven” is no seed" in words(seen["messages"][-1])
    assert (await services.drafts.draft(draft.id, me)).typed == typed


async def test_a_form_is_answered_in_time_while_the_database_is_slow(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has changed is shown when it can be read."""
    shown = await ask(scene)
    await press(scene, shown, "edit")
    is_read, options = asyncio.Event(), Service.options

    async def slowly(*asked: Any, **how: Any) -> Any:
        await is_read.wait()
        return await options(*asked, **how)

    monkeypatch.setattr(Service, "options", slowly)
    assert promptly.__kwdefaults__ is not None
    monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", 0.001)
    custom_id = f"zeuxis:2:draft:save:{DRAFT}"
    started = await scene.control.act("modal", custom_id=custom_id, fields={"prompt": "a dog"})
    async with asyncio.timeout(PATIENCE_S):
        await scene.acknowledged(started)
    is_read.set()
    seen = await scene.control.settled(started)
    assert any("a dog" in words(one) for one in seen["messages"])


async def test_buttons_of_a_draft_work_after_a_restart(scene: Scene, services: Services) -> None:
    """From its row; no process remembers it."""
    shown = await ask(scene)
    await scene.bot.close()

    async def prepare(bot: ImageBot) -> None:
        await setup_cogs(bot, services)

    async with connected(scene.sandbox, prepare):
        assert "low light" in words(await used(scene, shown, "use"))


LOST = AnswerLost("cut")
REFUSED = ContentRefused("no", inspected=Inspected.INPUT)
FILTERED = ContentRefused("content_filter", inspected=Inspected.UNKNOWN, status=200)


@pytest.mark.parametrize(
    ("error", "said", "entry"),
    [
        (LOST, "It may have been charged once", "uncertain"),
        (REFUSED, "does not accept this prompt", "released"),
        (FILTERED, "It may have been charged once", "uncertain"),
        (RateLimited("slow"), "cannot be rewritten at the moment", "released"),
    ],
)
async def test_a_rewriting_that_comes_to_nothing_is_said_with_its_cost(
    scene: Scene, rewriter: WillingRewriter, error: Exception, said: str, entry: str
) -> None:
    rewriter.answers.append(error)
    assert said in words(await ask(scene))
    assert {row[1] for row in await ledger(scene)} == {"reserved", entry}
    assert await nothing_is_queued(scene)


@pytest.mark.parametrize(
    ("answer", "verb"), [(an_answer("a red cat"), "record_rewriting"), (LOST, "fail_rewriting")]
)
async def test_what_cannot_be_recorded_may_have_been_charged_all_the_same(
    scene: Scene,
    rewriter: WillingRewriter,
    monkeypatch: pytest.MonkeyPatch,
    answer: RewrittenPrompt | Exception,
    verb: str,
) -> None:
    """The reservation stands, and the next start ends it."""

    def full(*_: Any, **__: Any) -> None:
        raise StorageError("disk full")

    monkeypatch.setattr(rows, verb, full)
    rewriter.answers.append(answer)
    assert "It may have been charged once" in words(await ask(scene))
    assert {row[1] for row in await ledger(scene)} == {"reserved"}


async def test_tokens_that_nobody_told_cost_what_was_reserved(
    scene: Scene, rewriter: WillingRewriter
) -> None:
    """Free it was not."""
    rewriter.answers.append(an_answer("a cat", input_tokens=0, output_tokens=0))
    await ask(scene)
    (reserved, settled_) = await ledger(scene)
    assert reserved[4] + settled_[4] == reserved[4] > 400


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("largest_area_px", 512 * 512, "larger"),
        ("rewriting_allowed", False, "rewriting"),
        ("guild_pictures_per_day", 0, "Pictures are switched off"),
        ("account_micros_per_day", 100, "limit"),
        ("account_micros_per_day", 15_100, "limit"),
    ],
)
async def test_nobody_pays_for_rewriting_what_would_be_refused(
    scene: Scene, rewriter: WillingRewriter, name: str, value: Value, said: str
) -> None:
    """The picture and its rewriting together have to fit."""
    await set_value(scene, name, value)
    shown = await ask(scene)
    assert said.casefold() in words(shown).casefold() or "Nothing was charged." in words(shown)
    assert rewriter.asked == []
    assert await ledger(scene) == []


async def test_a_member_is_warned_that_rewriting_has_nearly_used_up_their_limit(
    scene: Scene,
) -> None:
    """As by a picture; the prompt stands there all the same."""
    micros = 160_000
    await set_value(scene, "rewriter_output_micros", micros * 10**6 // OUTPUT_TOKENS)
    await set_value(scene, "member_micros_per_day", micros * 5 // 4)
    options = {"prompt": "a cat", "rewrite": "ask"}
    started = await scene.control.act("command", name="imagine", options=options)
    interaction = scene.sandbox.state.interactions[started["interaction_id"]]
    await scene.until(lambda: len(interaction.message_ids) == 2)
    shown, warned = (await scene.seen(started))["messages"]
    assert "in low light" in words(shown)
    assert "$0.20" in words(warned)
    assert is_private(warned)


async def test_of_several_prompts_none_is_rewritten(
    scene: Scene, rewriter: WillingRewriter
) -> None:
    said = words(await ask(scene, "{a|b}"))
    assert "one rewritten prompt at a time" in said
    assert "`rewrite: off`" in said
    assert rewriter.asked == []


class TestWithoutARewriter:
    """The operator has named no model."""

    @pytest.fixture
    def rewriter(self) -> None:
        return None

    async def test_it_is_not_offered_and_an_old_client_hears_why(
        self, scene: Scene, drafts: DraftService
    ) -> None:
        """Discord's clients hold the command of before for a while."""
        (imagine,) = [
            one for one in await scene.control.get("/commands") if one["name"] == "imagine"
        ]
        (rewrite,) = [one for one in imagine["options"] if one["name"] == "rewrite"]
        assert [one["value"] for one in rewrite["choices"]] == ["off", "on"]
        typed = TypedRequest(prompt="a cat", rewriting=Rewriting.ASK)
        with pytest.raises(NoRewriter):
            await drafts.ask(typed, an_origin(), largest_batch=4)
        assert await ledger(scene) == []


# ------------------------------------------------------------------------------------------------
# Several pictures at once.


async def test_a_count_is_one_request_of_several_pictures(scene: Scene) -> None:
    """Each with a seed of its own; with a given one each has the next."""
    await scene.imagine("a cat", options={"count": 3})
    jobs = [await scene.service.jobs.job(JobId(one)) for one in (1, 2, 3)]
    assert len({one.request.seed for one in jobs}) == 3
    assert {one.request_id for one in jobs} == {1}
    await scene.imagine("a dog", options={"count": 2, "seed": 2147483647})
    seeds = [(await scene.service.jobs.job(JobId(one))).request.seed for one in (4, 5)]
    assert seeds == [2147483647, 0]


async def test_alternatives_are_shown_with_their_cost_and_confirmed(scene: Scene) -> None:
    """Four prompts, four pictures, one request."""
    await set_value(scene, "rewrite_by_default", False)
    seen = await scene.command("imagine", options={"prompt": "a {red|blue} {cat|dog}"})
    (shown,) = seen["messages"]
    assert is_private(shown)
    for prompt in ("a red cat", "a red dog", "a blue cat", "a blue dog"):
        assert prompt in words(shown)
    assert "4 pictures for $0.06" in words(shown)
    assert [one["label"] for one in buttons(shown)] == ["Paint 4 pictures", "Drop"]
    assert await nothing_is_queued(scene)
    await used(scene, shown, "paint")
    prompts = [(await scene.service.jobs.job(JobId(one))).request.prompt for one in (2, 3, 4, 5)]
    assert prompts == ["a red cat", "a red dog", "a blue cat", "a blue dog"]
    seen = await press(scene, await old_button(scene, shown, "paint"), "paint")
    assert "This was used already" in words(seen["messages"][-1])
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(JobId(6))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prompt": "{a|b}" * 10}, "1 024 pictures at once, and 4 are allowed"),
        ({"prompt": "{a|b} {c|d}", "count": 2}, "8 pictures at once"),
        ({"prompt": "{a|b"}, "not closed: “👉{a\\|b”"),
        ({"prompt": "{a|{b|c}}"}, "in one another"),
        ({"prompt": "{a|}"}, "is empty"),
        ({"prompt": "{a|b}}"}, "was not opened"),
    ],
)
async def test_alternatives_that_are_none_or_too_many_are_refused(
    scene: Scene, options: dict[str, Any], said: str
) -> None:
    seen = await scene.command("imagine", options=options)
    (shown,) = seen["messages"]
    assert is_private(shown)
    assert said in words(shown)
    assert await nothing_is_queued(scene)


async def test_how_many_at_once_is_the_guild_s(scene: Scene) -> None:
    await set_value(scene, "largest_batch", 2)
    seen = await scene.command("imagine", options={"prompt": "a cat", "count": 3})
    assert "3 pictures at once, and 2 are allowed" in words(seen["messages"][0])


async def test_braces_of_the_prompt_s_own_are_a_plain_prompt(scene: Scene) -> None:
    await scene.imagine("a {cat} and \\{a|b\\}")
    assert (await scene.service.jobs.job(JobId(1))).request.prompt == "a {cat} and {a|b}"
