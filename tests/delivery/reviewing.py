"""What looks at drawn pictures before members do, over a scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.delivery.carry import Carrier
from bot.delivery.screening import Screener
from bot.delivery.staff import FileKeeper, StaffCards
from bot.features.moderation.rows import decisions
from bot.moderation.word_check import WordCheck
from bot.moderation.word_rule_rows import put_rule
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Scope
from bot.providers.picture_check import PictureScore
from bot.queue import review
from bot.queue.cases import CaseKind, about_job, due_cases, find_case
from bot.queue.records import ChannelId, GuildId, UserId
from tests.delivery.scene import MODEL, make_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Transaction
    from bot.delivery.posts import Posts
    from bot.pictures import Relay
    from bot.providers.picture_check import PictureCheck
    from bot.queue.cases import Case
    from bot.queue.records import Job
    from tests.delivery.scene import Scene
    from tests.delivery.scripted import Said

GUILD = 1
STAFF = ChannelId(77)
MODERATOR = UserId(7)
A_WHILE_S = 700.0  # longer than any wait of a card


class ScriptedCheck:
    """Scores as told, and keeps what it was shown."""

    name = "model"
    sends_abroad = False

    def __init__(self, *answers: float | Exception) -> None:
        self.answers = [*answers]
        self.seen: list[tuple[bytes, str]] = []

    async def check(self, picture: bytes, *, prompt: str) -> PictureScore:
        self.seen.append((picture, prompt))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return PictureScore.worst_of({"sexual": answer})


def make_screener(scene: Scene, checks: Mapping[str, PictureCheck] | None = None) -> Screener:
    return Screener(
        scene.common,
        words=WordCheck(database=scene.database),
        checks=checks or {},
        files=make_files(scene.database, scene.discord, scene.relay, scene.clock),
    )


def make_staff(
    scene: Scene, *, posts: Posts | None = None, relay: Relay | None = None
) -> StaffCards:
    posts, relay = posts or scene.discord, relay or scene.relay
    files = make_files(scene.database, posts, relay, scene.clock)
    carrier = Carrier(relay=relay, files=files, model=MODEL)
    return StaffCards(scene.common, posts=posts, carrier=carrier, files=files)


def make_keeper(scene: Scene) -> FileKeeper:
    files = make_files(scene.database, scene.discord, scene.relay, scene.clock)
    return FileKeeper(database=scene.database, files=files, clock=scene.clock)


async def set_here(scene: Scene, name: str, value: Any, guild: int = GUILD) -> None:
    """As the guild's staff may."""
    key = Key(Scope.GUILD, guild, name, guild)
    await scene.database.write(set_policy, key, value, by="7", now_us=1)


async def name_channel(scene: Scene, channel_id: int = STAFF) -> None:
    scene.discord.guilds[ChannelId(channel_id)] = GuildId(GUILD)
    await set_here(scene, "staff_channel", channel_id)


async def rule(scene: Scene, outcome: RuleOutcome, *words: str) -> None:
    made = WordRule(id=0, name=outcome.title(), outcome=outcome, words=words)
    await scene.database.write(put_rule, GUILD, made, by=7, now_us=scene.clock.now_us())


async def case_of(scene: Scene, job: Job) -> Case:
    """The review of its picture."""
    case = await scene.database.read(find_case, CaseKind.REVIEW, about_job(job.id))
    assert case is not None
    return case


async def held(scene: Scene, **options: Any) -> Job:
    """A picture that waits for the staff."""
    await set_here(scene, "review", Review.ALWAYS)
    job = await scene.drawn(**options)
    await make_screener(scene).drain()
    return await scene.job(job)


def cards(scene: Scene, channel_id: int = STAFF) -> list[Said]:
    return scene.discord.in_channel(channel_id)


async def kept(scene: Scene, job: Job) -> bytes | None:
    return await scene.database.read(review.kept_file, job.id)


async def approve(scene: Scene, job: Job) -> None:
    case = await case_of(scene, job)
    await scene.database.write(
        decisions.approve, case.id, by=MODERATOR, now_us=scene.clock.now_us()
    )


async def reject(scene: Scene, job: Job, reason: str = "") -> None:
    case = await case_of(scene, job)
    now_us = scene.clock.now_us()
    await scene.database.write(
        decisions.reject, case.id, by=MODERATOR, reason=reason, now_us=now_us
    )


def posted(scene: Scene) -> list[Said]:
    """Where members see it."""
    return [said for said in scene.discord.pictures() if said.channel_id != STAFF]


def make_due(tx: Transaction, job: Job) -> None:
    """There is more to say."""
    tx.execute("UPDATE case_file SET due_at_us = 1 WHERE job_id = ?", (job.id,))


async def waiting(scene: Scene) -> tuple[Case, ...]:
    return await scene.database.read(due_cases, now_us=1 << 62, limit=99)
