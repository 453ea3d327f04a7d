"""What a picture's hands make of its request: the same again, rerolled, edited, in another size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.policy.rules import Rewriting
from bot.records import replace
from bot.refusals import UnknownJob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from bot.features.imagine.records import TypedEdit
    from bot.providers.image import ImageRequest, Offer, Recommended, Size
    from bot.queue.records import Job

    Remake: TypeAlias = Callable[[Job], ImageRequest]

MOST_SIZES = 25  # that a menu holds


def rerolled(seed: int) -> Remake:
    return lambda job: replace(job.request, seed=seed)


def same(job: Job) -> ImageRequest:
    return job.request


def resized(size: Size) -> Remake:
    """With the same seed and words."""
    return lambda job: replace(job.request, size=size)


def with_rewritten_prompt(offer: Offer) -> Remake:
    """As the prompt, so that nothing rewrites it once more. Raises PromptTooLong, UnknownJob."""

    def remake(job: Job) -> ImageRequest:
        if job.picture is None:
            raise UnknownJob
        return offer.image_request(
            prompt=job.picture.shown_prompt,
            size=job.request.size,
            seed=job.request.seed,
            rewrite=False,
            negative=job.request.negative,
        )

    return remake


def edited(typed: TypedEdit, offer: Offer, *, new_seed: int) -> ImageRequest:
    """Raises whatever `Offer` does."""
    seed = offer.parse_seed(typed.seed)
    return offer.image_request(
        prompt=typed.prompt,
        size=offer.parse_size(typed.size).size,
        seed=new_seed if seed is None else seed,
        rewrite=typed.rewriting == Rewriting.ON,
        negative=typed.negative,
    )


def other_sizes(size: Size, offer: Offer, most_px: int | None) -> Sequence[Recommended]:
    """Other ratios of about the same area, then larger ones of its ratio, then the rest; not more
    than a menu holds."""
    found = [
        one
        for one in offer.recommended
        if one.size != size and (most_px is None or one.size.area_px <= most_px)
    ]
    return sorted(found, key=lambda one: _distance(one, size))[:MOST_SIZES]


def _distance(one: Recommended, size: Size) -> tuple[bool, bool, int]:
    tier = one.tier_px**2 / size.area_px
    is_same_area = 0.8 < tier < 1.25
    is_same_ratio = abs(_ratio(one.size) / _ratio(size) - 1) < 0.03
    return not is_same_area, not is_same_ratio, -one.size.area_px


def _ratio(size: Size) -> float:
    return size.width_px / size.height_px
