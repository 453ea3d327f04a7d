"""The pace and its search in the rows: what is learned of a call holds for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue.pace import Pace, windows
from bot.records import replace

if TYPE_CHECKING:
    from tests.queue.world import World


def draw(world: World, pictures: int) -> None:
    for _ in range(pictures):
        world.submit()
        world.drawn()


def test_a_refusal_slows_the_calls_after_the_pause(world: World) -> None:
    """A hundredth less, and the next calls keep to it."""
    for _ in range(3):
        world.submit()
    world.put_back(world.sent(), after_s=0.0, throttled=True)
    assert world.account().pace.rate_mps == 1980
    world.sent()
    world.sent()
    *_, (first_us,), (second_us,) = world.tx.execute("SELECT at_us FROM sent ORDER BY n").fetchall()
    assert second_us - first_us == windows(world.account().pace)[0].length_us > 500_000


def test_a_refusal_of_a_call_that_never_left_says_nothing(world: World) -> None:
    """Nobody was asked."""
    world.submit()
    before = world.account().pace
    world.put_back(world.claimed(), throttled=True)
    assert world.account().pace == before


def test_a_success_ends_a_row_of_refusals(world: World) -> None:
    """So that the next one pauses for a second again."""
    world.submit()
    world.put_back(world.sent(), throttled=True)
    assert world.account().pace.refusals == 1
    world.drawn()
    assert world.account().pace.refusals == 0


def test_the_rate_rises_by_the_calls_that_are_made(world: World) -> None:
    """It is time to look: a step is tried, proved by calls that left in time, and then the next."""
    world.configure(4)
    world.set_pace(replace(world.account().pace, rate_mps=2000, proved_mps=2000, held_mps=2000))
    for _ in range(40):
        world.submit()
    world.drawn()
    tried = world.account().pace
    assert (tried.rate_mps, tried.proved_mps) == (2050, 2000)
    for _ in range(39):
        world.drawn()
    found = world.account().pace
    assert found.proved_mps > 2050
    assert found.rate_mps == 4000


def test_a_call_that_had_time_proves_no_rate(world: World) -> None:
    """A picture now and then would be served at any rate."""
    world.configure(4)
    world.set_pace(replace(world.account().pace, rate_mps=2050, proved_mps=2000, held_mps=2000))
    for _ in range(12):
        draw(world, 1)
        world.pass_time(30)
    assert world.account().pace.proved_mps == 2000


def test_the_log_is_kept_for_a_minute_of_calls(world: World) -> None:
    """As many as the ceiling allows, the newest; or the file would grow with every picture."""
    world.configure(0.1)
    draw(world, 9)
    kept = world.tx.execute("SELECT n FROM sent ORDER BY n").fetchall()
    assert kept == [(n,) for n in range(4, 10)]


def test_a_higher_ceiling_goes_on_with_the_short_log_of_the_lower(world: World) -> None:
    """What was dropped is older than a minute, so it holds nobody back."""
    world.configure(0.1)
    draw(world, 9)
    world.configure(0.15)  # nine in a minute, and the log has six
    draw(world, 1)
    assert world.account().sends == 10


def test_what_is_known_of_the_limit_is_kept_over_restarts(world: World) -> None:
    """Every field of the pace, each with a value of its own."""
    names = Pace.__struct_fields__
    pace = Pace(**{name: 1000 + number for number, name in enumerate(names)})
    world.set_pace(pace)
    assert world.account().pace == pace
