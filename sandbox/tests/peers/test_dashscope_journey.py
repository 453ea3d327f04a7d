"""The official SDK 2.0 draws with the sandbox as it does with Z-Image, and reads its errors."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from sandbox.tests.peers.peer import PEERS, Peer, needed, running
from sandbox.zimage import serving
from sandbox.zimage.errors import KNOWN, NATIVE

if TYPE_CHECKING:
    from sandbox.zimage import Serving

pytestmark = pytest.mark.peers

PROMPT = "a sitting orange cat, 水彩"
CODES = [*KNOWN, *NATIVE]
GENERATION = "POST */multimodal-generation/generation"


async def test_the_official_sdk_makes_its_journey() -> None:
    """Four pictures and every error code; it breaks no rule and is billed for the four."""
    command = [
        str(needed("dashscope", "bin", "python")),
        str(PEERS / "dashscope" / "journey.py"),
    ]
    async with serving() as stand, running(command, _environment(stand)) as sdk:
        stand.order(*(_error(code, after=4 + place) for place, code in enumerate(CODES)))
        for rewriting in (False, False, True, True):
            await _draws(sdk, rewriting=rewriting)
        for code in CODES:
            await _fails(sdk, code)
        await sdk.said("end")
        assert stand.zimage.ledger.billed == stand.zimage.ledger.downloaded == 4
        assert stand.faults.fired() == [1] * len(CODES)
        assert stand.violations.snapshot() == []


async def _draws(sdk: Peer, *, rewriting: bool) -> None:
    drawn = await sdk.said("drawn")
    assert (drawn["status"], drawn["rewriting"]) == (200, rewriting)
    assert (drawn["width"], drawn["height"]) == (768, 512)
    assert struct.unpack(">II", bytes.fromhex(drawn["head"])[16:]) == (768, 512)
    assert (drawn["text"] == PROMPT) is not rewriting
    assert PROMPT in drawn["text"]
    assert bool(drawn["total_tokens"]) is rewriting
    assert bool(drawn["reasoning"]) is rewriting


async def _fails(sdk: Peer, code: str) -> None:
    failed = await sdk.said("failed")
    known = KNOWN[NATIVE.get(code, code)]
    assert (failed["code"], failed["status"]) == (code, known.status)
    assert failed["message"] == known.message


def _error(code: str, *, after: int) -> dict[str, object]:
    return {
        "server": "zimage",
        "kind": "error",
        "code": code,
        "match": GENERATION,
        "skip": after,
        "times": 1,
    }


def _environment(stand: Serving) -> dict[str, str]:
    return {
        "DASHSCOPE_BASE_URL": stand.base_url,
        "DASHSCOPE_API_KEY": stand.api_key,
        "ERRORS": str(len(CODES)),
    }
