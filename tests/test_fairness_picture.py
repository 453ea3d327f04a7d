"""The picture in the docs, drawn from the run that stands beside it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.simulator.picture import draw, rows

DOCS = Path(__file__).parents[1] / "docs"


def test_the_picture_shows_the_run_that_stands_beside_it() -> None:
    """Whoever commits another run draws it again."""
    run = (DOCS / "fairness.jsonl").read_text(encoding="utf-8").splitlines()
    picture = (DOCS / "images" / "fairness.svg").read_text(encoding="utf-8")
    assert draw(rows(run)) == picture


def test_a_row_stands_for_each_group_and_load() -> None:
    """Light members come last; figures of other benchmarks are passed over."""
    figure = (
        '{"name": "%s", "value": 0.5, "beside": {"gps_p99_slots": 10, "round_robin": 2, "fifo": 9}}'
    )
    names = ("fairness_light_user_load_3.0", "attack_drip", "fairness_lone_load_1.2")
    found = rows(figure % name for name in names)
    assert [(row.group, row.load) for row in found] == [("lone", 1.2), ("light_user", 3.0)]
    assert found[0].waits == {"gps": 10, "ours": 5, "round_robin": 20, "fifo": 90}
