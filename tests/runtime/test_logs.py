"""Logs: one event a line, and nothing in them that opens a door."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog

from bot.runtime.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "MTIz.abc.secret-token"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(level="debug", form="json", secrets=[TOKEN, ""], stream=stream)
    yield stream
    root.handlers[:], root.level = kept, level
    structlog.reset_defaults()


def events(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_what_was_bound(stream: io.StringIO) -> None:
    """Job, guild and attempt travel with every line."""
    structlog.get_logger("bot.test").bind(job=7, guild=1, attempt=2).info("claimed")
    (event,) = events(stream)
    assert (event["event"], event["job"], event["attempt"]) == ("claimed", 7, 2)
    assert event["level"] == "info"


def test_records_of_libraries_come_in_the_same_form(stream: io.StringIO) -> None:
    """discord.py and aiohttp log through the standard library."""
    logging.getLogger("discord.client").warning("shard %s is gone", 3)
    (event,) = events(stream)
    assert event["event"] == "shard 3 is gone"


def test_a_prompt_with_newlines_cannot_forge_a_line(stream: io.StringIO) -> None:
    """Newlines, escapes and direction marks are written as escapes."""
    structlog.get_logger().debug("prompt", prompt='cat\n{"event":"forged"}\x1b[2K\u202e')
    (event,) = events(stream)
    assert event["prompt"] == 'cat\\n{"event":"forged"}\\x1b[2K\\u202e'


def test_no_secret_signature_or_interaction_token_is_written(stream: io.StringIO) -> None:
    """Wherever they stand: in values, nested, in messages of libraries, in exceptions."""
    log = structlog.get_logger()
    log.info("bad", header=f"Bot {TOKEN}", nested={"list": [f"x{TOKEN}"]})
    log.info("link", url="https://host.aliyuncs.com/a.png?Expires=1&Signature=abc%2Bdef")
    logging.getLogger("aiohttp").error("POST /api/v10/webhooks/123/aW50ZXJhY3Rpb24/messages failed")
    try:
        raise ValueError(f"with {TOKEN} and https://h/x?Signature=zzz")
    except ValueError:
        log.exception("broke")
    text = stream.getvalue()
    assert len(events(stream)) == 4
    assert all(one not in text for one in (TOKEN, "abc%2Bdef", "aW50ZXJhY3Rpb24", "zzz"))
    assert "host.aliyuncs.com/a.png" in text


def test_the_console_form_is_readable_and_one_line_an_event() -> None:
    """On a terminal there is no JSON."""
    stream = io.StringIO()
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    configure_logs(level="info", form="console", secrets=[], stream=stream)
    structlog.get_logger("bot").info("delivered", job=3, prompt="a\nb")
    structlog.get_logger("bot").debug("not shown")
    root.handlers[:], root.level = kept, level
    structlog.reset_defaults()
    (line,) = stream.getvalue().splitlines()
    assert "delivered" in line
    assert "job=3" in line
