"""Which of what was set holds for one request: typed, the style's, the member's, the place's."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.defaults import (
    NO_DEFAULT,
    PersonDefault,
    Resolved,
    Typed,
    Unapplied,
    pings_them,
    resolve,
)
from bot.policy.precedence import policy_of
from bot.policy.rules import Policy, Rewriting, written
from bot.policy.styles import Style
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.records import replace
from bot.refusals import PromptEmpty, StyledTooLong
from tests.drawn_records import records

GUILD, CHANNEL = 5, 7
TYPED, OF_STYLE, OF_MEMBER = Size(512, 768), Size(768, 512), Size(1280, 720)
OF_CHANNEL, OF_GUILD, OF_OPERATOR = Size(720, 1280), Size(1024, 768), Size(768, 1024)
SMALL, LARGE, ODD = Size(512, 512), Size(2048, 2048), Size(1000, 1001)
SMALL_ONLY = SMALL.area_px
NOIR = Style(name="Noir", prompt="noir, {prompt}", size=OF_STYLE, negative="colours")
PLAIN = Typed(prompt="a cat")


def policy(**values: object) -> Policy:
    """Of a guild; the names are those of settings."""
    rows = [("guild", GUILD, name, GUILD, written(one)) for name, one in values.items()]  # type: ignore[arg-type] # of settings
    return policy_of(rows)


def resolved(
    typed: Typed = PLAIN,
    *,
    style: Style | None = None,
    default: PersonDefault = NO_DEFAULT,
    here: Policy | None = None,
    can_ask: bool = True,
) -> Resolved:
    return resolve(
        typed,
        style=style,
        default=default,
        policy=here or policy(),
        offer=OFFER,
        can_ask=can_ask,
    )


SIZES = [
    ("typed", TYPED),
    ("style", OF_STYLE),
    ("member", OF_MEMBER),
    ("channel", OF_CHANNEL),
    ("guild", OF_GUILD),
    ("operator", OF_OPERATOR),
    ("provider", OFFER.default_size),
]


@pytest.mark.parametrize("first", range(len(SIZES)), ids=[name for name, _ in SIZES])
def test_the_nearest_size_holds(first: int) -> None:
    """Of all that say one, from here on."""
    said = dict(SIZES[first:])
    rows = [
        ("channel", CHANNEL, "default_size", GUILD, said.get("channel")),
        ("guild", GUILD, "default_size", GUILD, said.get("guild")),
        ("operator", 0, "default_size", 0, said.get("operator")),
    ]
    got = resolved(
        replace(PLAIN, size=said.get("typed")),
        style=replace(NOIR, size=said.get("style")),
        default=PersonDefault(size=said.get("member")),
        here=policy_of([(*row[:4], str(row[4])) for row in rows if row[4] is not None]),
    )
    assert got.size == SIZES[first][1]
    assert got.unapplied == ()


@pytest.mark.parametrize(
    ("style", "member", "held", "unapplied"),
    [
        (None, LARGE, SMALL, (Unapplied.SIZE,)),
        (LARGE, None, SMALL, (Unapplied.STYLE_SIZE,)),
        (LARGE, LARGE, SMALL, (Unapplied.STYLE_SIZE, Unapplied.SIZE)),
        (LARGE, SMALL, SMALL, (Unapplied.STYLE_SIZE,)),
        (SMALL, LARGE, SMALL, ()),
        (None, ODD, SMALL, (Unapplied.SIZE,)),  # not painted as it stands
    ],
)
def test_a_size_that_is_not_allowed_here_is_left_out_and_named(
    style: Size | None, member: Size | None, held: Size, unapplied: tuple[Unapplied, ...]
) -> None:
    """The next one holds; a size that is not looked at is not named."""
    here = policy(largest_area_px=SMALL_ONLY, default_size=SMALL)
    got = resolved(style=replace(NOIR, size=style), default=PersonDefault(size=member), here=here)
    assert (got.size, got.unapplied) == (held, unapplied)


def test_what_was_typed_is_left_to_be_refused() -> None:
    """Whoever asks for it now is told so, and not given something else."""
    here = policy(largest_area_px=SMALL_ONLY, default_size=SMALL, rewriting_allowed=False)
    typed = replace(PLAIN, size=LARGE, rewriting=Rewriting.ON)
    got = resolved(typed, default=PersonDefault(size=SMALL, rewriting=Rewriting.OFF), here=here)
    assert (got.size, got.rewriting, got.unapplied) == (LARGE, Rewriting.ON, ())


OFF, ON, ASK = Rewriting


@pytest.mark.parametrize(
    ("typed", "mine", "usual", "allowed", "can_ask", "held"),
    [
        (None, None, True, True, True, ON),
        (None, None, False, True, True, OFF),
        (None, None, True, False, True, OFF),
        (None, OFF, True, True, True, OFF),
        (None, ON, False, True, True, ON),
        (None, ASK, False, True, True, ASK),
        (None, ASK, False, True, False, OFF),  # without a rewriter as the guild has it
        (None, ASK, True, True, False, ON),
        (None, ON, True, False, True, OFF),
        (None, ASK, True, False, True, OFF),
        (OFF, ON, True, True, True, OFF),
        (ASK, OFF, True, True, True, ASK),
        (ON, OFF, False, True, True, ON),
    ],
)
def test_the_nearest_rewriting_holds(
    typed: Rewriting | None,
    mine: Rewriting | None,
    usual: bool,
    allowed: bool,
    can_ask: bool,
    held: Rewriting,
) -> None:
    """Typed, then the member's, then the guild's."""
    here = policy(rewrite_by_default=usual, rewriting_allowed=allowed)
    got = resolved(
        replace(PLAIN, rewriting=typed),
        default=PersonDefault(rewriting=mine),
        here=here,
        can_ask=can_ask,
    )
    assert got.rewriting is held


def test_a_provider_that_does_not_rewrite_is_not_asked_to() -> None:
    """By a member's default, which was set where another may have been."""
    offer = replace(OFFER, rewrites=False)
    for default, held in ((ON, OFF), (ASK, ASK), (None, OFF)):
        got = resolve(
            PLAIN,
            style=None,
            default=PersonDefault(rewriting=default),
            policy=policy(),
            offer=offer,
            can_ask=True,
        )
        assert got.rewriting is held


@pytest.mark.parametrize(("mine", "named"), [(OFF, False), (ON, True), (ASK, True), (None, False)])
def test_rewriting_that_is_forbidden_here_is_named(mine: Rewriting | None, named: bool) -> None:
    """But for whoever wants none."""
    default = PersonDefault(rewriting=mine)
    got = resolved(default=default, here=policy(rewriting_allowed=False))
    assert got.unapplied == ((Unapplied.REWRITING,) if named else ())


@pytest.mark.parametrize(
    ("typed", "of_style", "mine", "held"),
    [
        ("dogs", "colours", "text", "dogs"),
        (None, "colours", "text", "colours"),
        (None, "", "text", "text"),
        (None, "", None, ""),
        (None, "x" * 501, "text", "text"),  # longer than the provider takes by now
    ],
)
def test_the_nearest_of_what_to_leave_out_holds(
    typed: str | None, of_style: str, mine: str | None, held: str
) -> None:
    """They are not added up."""
    got = resolved(
        replace(PLAIN, negative=typed),
        style=replace(NOIR, negative=of_style),
        default=PersonDefault(negative=mine),
    )
    assert got.negative == held


def test_the_style_stands_around_the_words() -> None:
    """Which must be there, and have room."""
    assert resolved(style=NOIR).prompt == "noir, a cat"
    with pytest.raises(PromptEmpty):
        resolved(Typed(prompt=" "), style=NOIR)
    with pytest.raises(StyledTooLong):
        resolved(Typed(prompt="x" * OFFER.prompt_limit), style=NOIR)


@pytest.mark.parametrize(("mine", "here"), [*product([None, True, False], [True, False])])
def test_a_member_s_notification_is_theirs_first(mine: bool | None, here: bool) -> None:
    """Else the guild's."""
    held = pings_them(PersonDefault(pings=mine), policy(pings=here))
    assert held is (here if mine is None else mine)


MAYBE_SIZE = st.sampled_from([None, SMALL, LARGE, ODD, OF_MEMBER])


@given(
    default=records(
        PersonDefault,
        size=MAYBE_SIZE,
        rewriting=st.sampled_from([None, *Rewriting]),
        negative=st.sampled_from([None, "dogs", "x" * 501]),
    ),
    style=st.none()
    | records(Style, name=st.just("x"), prompt=st.just("{prompt}!"), size=MAYBE_SIZE),
    most_px=st.sampled_from([None, SMALL.area_px, LARGE.area_px]),
    allowed=st.booleans(),
    can_ask=st.booleans(),
)
def test_nothing_that_was_set_before_has_a_request_refused(
    default: PersonDefault,
    style: Style | None,
    most_px: int | None,
    allowed: bool,
    can_ask: bool,
) -> None:
    """Whatever the guild allows by now."""
    limits = {} if most_px is None else {"largest_area_px": most_px}
    here = policy(default_size=SMALL, rewriting_allowed=allowed, **limits)
    got = resolved(style=style, default=default, here=here, can_ask=can_ask)
    assert got.size.area_px <= (most_px or LARGE.area_px)
    assert got.rewriting is OFF or allowed
    assert got.rewriting is not ASK or can_ask
    assert len(got.negative) <= (OFFER.negative_limit or 0)
    assert resolved(default=NO_DEFAULT, here=here, can_ask=can_ask).unapplied == ()
