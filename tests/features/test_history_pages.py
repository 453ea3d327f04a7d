"""A page of the history: whose pictures, of which days, and the way to the next page and back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.features.history.rules import ON_A_PAGE, HistoryPage, Reach, Search, Turn, today_in
from bot.features.history.service import _found
from bot.policy.rows import Asking, set_policy
from bot.policy.rules import Key, Scope
from bot.queue import shown
from bot.queue.authority import Asker
from bot.queue.records import ChannelId, GuildId, JobId
from tests.queue.conftest import world as _world
from tests.queue.test_picture_words import ADA, BEN, HERE, a_picture

if TYPE_CHECKING:
    from tests.queue.world import World

world = _world
ELSEWHERE = ChannelId(20)
KIRITIMATI = ZoneInfo("Pacific/Kiritimati")


def seen(
    world: World, search: Search | None = None, turn: Turn | None = None, **asker: Any
) -> HistoryPage:
    """By Ada, who asks in the channel of most pictures."""
    who = Asker(
        user_id=ADA,
        guild_id=GuildId(1),
        channel_id=HERE,
        root_channel_id=HERE,
        may_moderate=False,
        **asker,
    )
    return _found(world.tx, Asking(GuildId(1), HERE, ADA), who, search or Search(), turn)


def ids(page: HistoryPage) -> list[JobId]:
    return [one.job.id for one in page.found]


def test_pages_lead_to_the_oldest_and_back(world: World) -> None:
    made = [a_picture(world, "a cat").id for _ in range(2 * ON_A_PAGE + 2)]
    newest_first = made[::-1]
    wanted = [newest_first[at : at + ON_A_PAGE] for at in range(0, len(made), ON_A_PAGE)]
    pages = [seen(world)]
    for _ in range(2):
        pages.append(seen(world, turn=Turn(beyond=ids(pages[-1])[-1], newest_first=True)))
    assert [ids(one) for one in pages] == wanted
    assert [(one.has_newer, one.has_older) for one in pages] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    back = [pages[2]]
    for _ in range(2):
        back.append(seen(world, turn=Turn(beyond=ids(back[-1])[0], newest_first=False)))
    assert [ids(one) for one in back] == wanted[::-1]
    assert [(one.has_newer, one.has_older) for one in back[1:]] == [(True, True), (False, True)]


def test_whoever_turns_back_to_the_beginning_finds_what_has_come_since(world: World) -> None:
    made = [a_picture(world, "a cat").id for _ in range(ON_A_PAGE + 1)]
    last = seen(world, turn=Turn(beyond=made[1], newest_first=True))
    assert ids(last) == made[:1]
    new = a_picture(world, "a cat").id
    turned = seen(world, turn=Turn(beyond=made[2], newest_first=False))
    assert ids(turned) == [new, *made[:1:-1]]
    assert not turned.has_newer


def test_one_s_own_are_of_all_places_and_everybody_s_of_this_one(world: World) -> None:
    own = [a_picture(world, "a cat", channel=one).id for one in (HERE, ELSEWHERE)]
    theirs = a_picture(world, "a cat", user=BEN).id
    a_picture(world, "a cat", user=BEN, channel=ELSEWHERE)
    assert ids(seen(world, Search(whose=Reach.MINE))) == own[::-1]
    assert ids(seen(world, Search(whose=Reach.SERVER))) == [theirs, *own[::-1]]


def test_what_one_keeps_is_marked_and_found_alone(world: World) -> None:
    first, second = (a_picture(world, "a cat").id for _ in range(2))
    world.run(shown.keep, first, ADA, now_us=1)
    world.run(shown.keep, second, BEN, now_us=1)
    assert [(one.job.id, one.is_kept) for one in seen(world).found] == [
        (second, False),
        (first, True),
    ]
    assert ids(seen(world, Search(kept=True))) == [first]


def test_days_are_those_of_the_guild_and_hold_both_ends(world: World) -> None:
    """Where it is always tomorrow already, when here the day ends."""
    world.run(set_policy, Key(Scope.GUILD, 1, "time_zone", 1), KIRITIMATI, by="staff", now_us=1)
    days = []
    for _ in range(3):
        made = a_picture(world, "a cat")
        days.append((made.id, today_in(KIRITIMATI, made.created_at_us)))
        world.pass_time(86_400)
    (_, first), (middle, day), (_, last) = days
    one_day = timedelta(days=1)
    assert ids(seen(world, Search(first_day=day, last_day=day))) == [middle]
    assert len(ids(seen(world, Search(first_day=first, last_day=last)))) == 3
    assert ids(seen(world, Search(first_day=last + one_day))) == []
    assert ids(seen(world, Search(last_day=first - one_day))) == []
    assert len(ids(seen(world, Search(last_day=date.max)))) == 3


def test_words_of_restricted_places_are_searched_there_alone(world: World) -> None:
    """They are listed elsewhere without them; a search would tell them."""
    job = a_picture(world, "a cat")
    world.tx.execute("UPDATE request SET is_restricted = 1")
    assert ids(seen(world)) == [job.id]
    assert ids(seen(world, Search(words="cat"))) == []
    assert ids(seen(world, Search(words="cat"), is_restricted=True)) == [job.id]
