"""Refusals for content, to be tried by hand: a prompt that holds one of these words gets one.

That both input and output are checked is documented, and so are the codes and messages.
"""

from __future__ import annotations

from sandbox.zimage.errors import Refusal

INPUT_WORD = "forbidden-by-sandbox"
OUTPUT_WORD = "unseemly-by-sandbox"
INFRINGING_WORD = "infringing-by-sandbox"


def check_input(prompt: str) -> None:
    """Raises Refusal before anything is drawn."""
    if INPUT_WORD in prompt:
        raise Refusal("DataInspectionFailed", "Input data may contain inappropriate content.")
    if INFRINGING_WORD in prompt:
        raise Refusal("IPInfringementSuspect")


def check_output(prompt: str) -> None:
    """Raises Refusal after the picture is drawn; it is not billed."""
    if OUTPUT_WORD in prompt:
        raise Refusal("DataInspectionFailed", "Output data may contain inappropriate content.")
