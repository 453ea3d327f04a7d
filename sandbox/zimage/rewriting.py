"""Prompt rewriting, as a template that says so.

The shape of the answer is documented, that the real model thinks and returns tokens too; the text,
the counts and the time it takes are guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

LABEL = "[sandbox rewriting]"
EXTRA_S = 5.0  # guessed; "increases the response time" is all that is documented
_SYSTEM_TOKENS = 187  # guessed: the instructions before the prompt
_LIGHTS = ("soft morning light", "clear midday light", "low golden light", "cool diffuse light")
_PLANES = (
    "a wide view with a calm foreground",
    "the subject slightly left of the centre",
    "a close view with a blurred background",
    "a layered view from near to far",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """The optimized prompt and how it came about."""

    text: str
    reasoning: str
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int


def rewritten(prompt: str, seed: int) -> Rewritten:
    """Deterministic in prompt and seed."""
    light = _LIGHTS[seed % len(_LIGHTS)]
    plane = _PLANES[seed // len(_LIGHTS) % len(_PLANES)]
    text = f"{LABEL} {prompt.strip()}. Composition: {plane}. Light: {light}. Texts stay as written."
    reasoning = (
        f"{LABEL} The prompt of {len(prompt)} characters names a subject, which must not change. "
        f"Composition and light are open, so I add {plane} and {light}."
    )
    reasoning_tokens = tokens(reasoning)
    return Rewritten(
        text=text,
        reasoning=reasoning,
        input_tokens=_SYSTEM_TOKENS + tokens(prompt),
        output_tokens=reasoning_tokens + tokens(text),
        reasoning_tokens=reasoning_tokens,
    )


def tokens(text: str) -> int:
    """Guessed: four letters of ASCII to a token, and one character of other scripts."""
    plain = sum(one.isascii() for one in text)
    return 1 + plain // 4 + len(text) - plain
