"""A second provider is an offer and a class: queue, ledger and dispatcher are as they stand."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bot.account_watch import AccountWatch
from bot.dispatcher import Dispatcher
from bot.features.imagine.remaking import rerolled
from bot.features.imagine.service import Service
from bot.moderation.word_check import WordCheck
from bot.providers.image import Size
from bot.queue import ledger
from bot.queue.authority import Asker
from bot.queue.records import JobState
from bot.refusals import (
    PromptTooLong,
    Refusal,
    SeedOutOfRange,
    SizeNotUnderstood,
    SizeOutOfRange,
    SizeTooNarrow,
)
from tests.dispatcher.bench import Bench, a_bench, at_once
from tests.providers.easel import OFFER, Easel
from tests.queue.world import ACCOUNT, an_origin
from tests.running import running

if TYPE_CHECKING:
    from pathlib import Path

    from bot.providers.image import ImageRequest


def a_request(*, rewrite: bool = False) -> ImageRequest:
    return OFFER.image_request(prompt="a cat", size=Size(750, 500), seed=3, rewrite=rewrite)


def a_service(bench: Bench) -> Service:
    return Service(
        database=bench.database,
        words=WordCheck(database=bench.database),
        clock=bench.clock,
        randomness=Random(7),
        offer=OFFER,
        price=Easel().price,
        wakeups=bench.wakeups,
    )


def a_dispatcher(bench: Bench, easel: Easel) -> Dispatcher:
    return Dispatcher(
        database=bench.database,
        providers={ACCOUNT: easel},
        clock=bench.clock,
        randomness=Random(7),
        wakeups=bench.wakeups,
        may_call=at_once,
    )


async def test_a_request_is_drawn_by_it_and_paid_at_its_price(tmp_path: Path) -> None:
    """From the submit to the settled row."""
    easel, origin = Easel(), an_origin()
    async with a_bench(tmp_path) as bench:
        service = a_service(bench)
        async with running(a_dispatcher(bench, easel).run()):
            receipt = await service.submit(a_request(rewrite=True), origin)
            await bench.play(2)
        job = await service.jobs.job(receipt.job.id)
        usage = await bench.database.read(
            ledger.usage_view, origin.tenant_id, origin.user_id, now_us=bench.clock.now_us()
        )
    assert easel.drawn == [a_request(rewrite=False)]
    assert job.state is JobState.DRAWN
    assert job.picture is not None
    assert job.picture.provider_request_id == "17"
    assert (usage.today.images, usage.today.cost_micros) == (1, 3_750)
    assert usage.today.rewritten == 0


async def test_another_seed_is_one_of_its_own(tmp_path: Path) -> None:
    """Its ten seeds, and not Z-Image's two thousand million."""
    async with a_bench(tmp_path) as bench:
        service, origin = a_service(bench), an_origin()
        job = (await service.submit(a_request(), origin)).job
        assert origin.guild_id is not None
        asker = Asker(
            user_id=origin.user_id,
            guild_id=origin.guild_id,
            channel_id=origin.channel_id,
            root_channel_id=origin.root_channel_id,
            may_moderate=False,
        )
        receipts = [
            await service.remade(
                job.id, an_origin(user=user), asker=asker, remake=rerolled(service.new_seed())
            )
            for user in range(1, 21)
        ]
    seeds = {one.job.request.seed for one in receipts}
    assert seeds <= set(range(10))
    assert len(seeds) > 1


async def test_its_quota_bounds_the_pace(tmp_path: Path) -> None:
    """It grants one picture in two seconds."""
    async with a_bench(tmp_path) as bench:
        watch = AccountWatch(
            account=ACCOUNT,
            database=bench.database,
            provider=Easel(),
            clock=bench.clock,
            requests_per_second=50.0,
        )
        await watch.ask()
        assert (await bench.pace()).ceiling_mps == 500


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("easel", Size(750, 500)),
        ("30/20", Size(750, 500)),
        ("600", Size(600, 600)),
        ("1010 x 830 px", Size(1000, 850)),
    ],
)
def test_sizes_are_read_as_ever_and_rounded_in_its_own_steps(typed: str, size: Size) -> None:
    """Signs, units and ratios are everybody's; names and steps are its own."""
    assert OFFER.parse_size(typed).size == size


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("1024*1024", SizeOutOfRange),
        ("150*150", SizeOutOfRange),
        ("1000*200", SizeTooNarrow),
        ("16:9", SizeNotUnderstood),
        ("wide", SizeNotUnderstood),
    ],
)
def test_sizes_of_others_are_refused(typed: str, refusal: type[Refusal]) -> None:
    """Most of these Z-Image would draw."""
    with pytest.raises(refusal):
        OFFER.parse_size(typed)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"prompt": "a" * 81}, PromptTooLong),
        ({"negative": "dogs"}, PromptTooLong),
        ({"seed": 10}, SeedOutOfRange),
    ],
)
def test_a_wish_beyond_its_offer_is_refused(asked: dict[str, Any], refusal: type[Refusal]) -> None:
    """Nothing is cut or dropped without a word."""
    wish = {"prompt": "a" * 80, "size": OFFER.default_size, "seed": 9, "rewrite": False, **asked}
    with pytest.raises(refusal):
        OFFER.image_request(**wish)
