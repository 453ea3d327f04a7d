"""Where a picture comes from, told to whoever asked, alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from discord import ui

from bot.features.lineage.rules import where_it_hangs
from bot.features.provenance.rules import Evidence
from bot.texts import quoted
from bot.texts.cards import Card, Colour, heading, jump_url, prompt_shown, shown_size, small
from bot.texts.result_cards import has_rewritten_prompt, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.provenance.rules import Traced
    from bot.queue.records import Job
    from bot.texts import Texts

PROMPT_LIMIT = 700


def provenance_card(found: Sequence[Traced], model: str, texts: Texts) -> Card:
    """`model`: what draws here."""
    parts: list[ui.Item[Card]] = [heading("🔎", texts.say("Where this picture comes from"))]
    for number, one in enumerate(found):
        if number:
            parts.append(ui.Separator())
        parts.append(ui.TextDisplay(_told(one, model, texts)))
    return Card(Colour.NEUTRAL, *parts)


def _told(one: Traced, model: str, texts: Texts) -> str:
    by = small(_evidence_text(one.evidence, texts))
    if one.job is None:
        said = texts.say("It was painted here, by another member of this server.")
        return f"{said}\n{by}"
    return "\n".join([*_job_lines(one.job, model, texts), by])


def _job_lines(job: Job, model: str, texts: Texts) -> list[str]:
    asked = texts.say(
        "Painted for {who}, {when}.",
        who=f"<@{job.origin.user_id}>",
        when=_moment(job.created_at_us),
    )
    lines = [asked]
    if job.is_deleted:
        lines.append(texts.say("It was deleted, and its prompt with it."))
    else:
        lines += [label(texts.say("Prompt")), prompt_shown(job, PROMPT_LIMIT, texts)]
        if job.picture is not None and has_rewritten_prompt(job):
            rewritten = quoted(job.picture.shown_prompt, PROMPT_LIMIT)
            lines += [label(texts.say("Rewritten by Z-Image")), rewritten]
    hangs = where_it_hangs(job)
    if hangs is not None:
        lines.append(f"[{texts.say('message')}]({jump_url(job.origin.guild_id, *hangs)})")
    size = job.picture.size if job.picture else job.request.size
    seed = texts.say("seed {seed}", seed=job.request.seed)
    return [*lines, small(model, shown_size(size), seed, texts.say("job {id}", id=job.id))]


def _moment(at_us: int) -> str:
    """Day and time, as each reader's own client says it."""
    return f"<t:{at_us // 1_000_000}:f>"


def _evidence_text(evidence: Evidence, texts: Texts) -> str:
    match evidence:
        case Evidence.POSTED:
            return texts.say("by this message")
        case Evidence.MARKED:
            return texts.say("by its metadata, and it looks like it")
        case Evidence.ONLY_MARKED:
            return texts.say("only by its metadata, which anybody can write")
        case Evidence.ALIKE:
            return texts.say("by its look alone")
        case _:
            assert_never(evidence)
