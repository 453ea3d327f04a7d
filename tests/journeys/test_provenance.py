"""Where a picture comes from, by its file, a copy of it, or its message; told to whom it may be."""

from __future__ import annotations

import base64
import io
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from sandbox.zimage import Pictures
from tests.cogs.playing import is_private, words
from tests.journeys.test_age_restricted import GALLERY, job_of
from tests.journeys.test_hands import Hands
from tests.journeys.test_history import menu, painted
from tests.journeys.test_lineage import content_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.journeys.stage import Stage

ADA, BEN, STAFF = 0, 1, 3
PROMPT = "a castle at night"
UNKNOWN = "I do not know this picture"
ANOTHER = "by another member"


@pytest.fixture
async def stage(stage_with: Callable[..., Any]) -> AsyncIterator[Stage]:
    """With pictures that look like something."""
    async with stage_with(pictures=Pictures.PAINTED) as made:
        yield made


async def looked_at(stage: Stage, picture: Any) -> bytes:
    """Its file, once its look is known."""
    job = job_of(picture)

    def is_known() -> bool:
        with closing(sqlite3.connect(stage.database)) as database:
            sql = "SELECT likeness FROM likeness WHERE job_id = ?"
            return database.execute(sql, (job,)).fetchone()[0] is not None

    await stage.until(is_known)
    return await content_of(picture["attachments"][0])


def copied(whole: bytes, kind: str = "JPEG", scale: float = 0.5) -> bytes:
    """Small, encoded anew, without any metadata."""
    image = Image.open(io.BytesIO(whole)).convert("RGB")
    buffer = io.BytesIO()
    size = (round(image.width * scale), round(image.height * scale))
    image.resize(size).save(buffer, kind, quality=60)
    return buffer.getvalue()


async def provenance(
    stage: Stage, whole: bytes, *, member: int = ADA, channel: str = "pictures"
) -> str:
    file = {"filename": "some.png", "content_base64": base64.b64encode(whole).decode()}
    started = await stage.control.act(
        "command", name="provenance", options={"picture": file}, member=member, channel=channel
    )
    (answer,) = (await stage.control.settled(started))["messages"]
    assert is_private(answer)
    return words(answer)


async def test_a_file_and_a_copy_of_it_tell_where_they_come_from(stage: Stage) -> None:
    """All to its member and the staff, to others that it was painted here."""
    picture = await painted(stage, PROMPT)
    whole = await looked_at(stage, picture)
    said = await provenance(stage, whole)
    assert PROMPT in said
    assert "by its metadata, and it looks like it" in said
    assert f"/{picture['id']})" in said
    for copy in (copied(whole), copied(whole, "WEBP", 1.0)):
        assert PROMPT in (told := await provenance(stage, copy))
        assert "by its look alone" in told
        assert PROMPT in await provenance(stage, copy, member=STAFF, channel="general")
        other = await provenance(stage, copy, member=BEN)
        assert ANOTHER in other
        assert PROMPT not in other
        assert stage.control.member(ADA) not in other
    (answer,) = await menu(stage, "Where from?", picture, member=BEN)
    assert ANOTHER in words(answer)
    (answer,) = await menu(stage, "Where from?", picture)
    assert PROMPT in words(answer)


async def test_a_strange_picture_and_forged_metadata_are_not_believed(stage: Stage) -> None:
    """Whoever writes our marks into a picture of their own has said nothing."""
    picture = await painted(stage, PROMPT)
    whole = await looked_at(stage, picture)
    strange = Image.radial_gradient("L").convert("RGB").resize((300, 200))
    buffer = io.BytesIO()
    strange.save(buffer, "PNG")
    assert UNKNOWN in await provenance(stage, buffer.getvalue())
    forged = io.BytesIO()
    packet = whole[whole.index(b"<?xpacket begin") : whole.index(b'<?xpacket end="w"?>') + 19]
    strange.save(forged, "JPEG", xmp=packet)
    assert UNKNOWN in await provenance(stage, forged.getvalue())


async def test_of_an_age_restricted_place_nothing_is_told_elsewhere(stage: Stage) -> None:
    picture = await painted(stage, PROMPT, channel=GALLERY)
    copy = copied(await looked_at(stage, picture))
    assert PROMPT in await provenance(stage, copy, channel=GALLERY)
    elsewhere = await provenance(stage, copy)
    assert "made in an age-restricted channel" in elsewhere
    assert PROMPT not in elsewhere
    assert UNKNOWN in await provenance(stage, copy, member=BEN)
    assert ANOTHER in await provenance(stage, copy, member=BEN, channel=GALLERY)


async def test_a_deleted_picture_is_unknown_but_to_its_member_by_the_file(stage: Stage) -> None:
    picture = await painted(stage, PROMPT)
    whole = await looked_at(stage, picture)
    await Hands(stage, picture).press("delete", ADA)
    said = await provenance(stage, whole)
    assert "It was deleted" in said
    assert PROMPT not in said
    assert UNKNOWN in await provenance(stage, whole, member=BEN)
    assert UNKNOWN in await provenance(stage, copied(whole))
