"""The shape of a poll: 300 characters of question, ten answers of 55, up to 32 days.

Source: "Poll Create Request Object" in the reference of Discord's API (2026-08).
"""

from __future__ import annotations

from sandbox.discord.rules.kinds import Fields, Items, Number, Snowflake, Text, Truth

_EMOJI = Fields(known={"id": Snowflake(), "name": Text(longest=32), "animated": Truth()})
_QUESTION = Fields(known={"text": Text(shortest=1, longest=300), "emoji": _EMOJI})
_ANSWER = Fields(
    known={
        "answer_id": Number(),
        "poll_media": Fields(known={"text": Text(shortest=1, longest=55), "emoji": _EMOJI}),
    },
    required=frozenset({"poll_media"}),
)

POLL = Fields(
    known={
        "question": _QUESTION,
        "answers": Items(of=_ANSWER, fewest=1, most=10),
        "duration": Number(lowest=1, highest=32 * 24),
        "allow_multiselect": Truth(),
        "layout_type": Number(choices=(1,)),
    },
    required=frozenset({"question", "answers"}),
)
