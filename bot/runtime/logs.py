"""Logs: one event a line, readable on a terminal and JSON elsewhere.

Records of discord.py and aiohttp come out in the same form. Two things are kept out at every level:
values of secrets and signatures of links. Control characters are escaped, so that a prompt with
newlines cannot forge a line. Prompts themselves belong at DEBUG only.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from bot.visible import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

    from structlog.typing import Processor


_QUERY = re.compile(r"(https?://[^\s?'\"<>]+)\?[^\s'\"<>]+")
_TOKEN_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9_\-.=%]+")


def configure_logs(
    *, level: str, form: str, secrets: Iterable[str], stream: TextIO | None = None
) -> None:
    """Sets up logging for the process: `form` is auto, console or json."""
    stream = sys.stderr if stream is None else stream
    console = form == "console" or (form == "auto" and stream.isatty())
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redaction(secrets),
    ]
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            foreign_pre_chain=before,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("discord.gateway", "discord.client", "discord.http", "aiosqlite", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.INFO, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class Redaction:
    """A processor that takes out secrets, signatures, tokens and control characters."""

    def __init__(self, secrets: Iterable[str]) -> None:
        values = sorted({str.__str__(one) for one in secrets if one}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, values))) if values else None

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> Mapping[str, Any]:
        for key, value in event.items():
            if key != "_record":
                event[key] = self._clean(value, keep_lines=key in ("exception", "stack"))
        return event

    def _clean(self, value: Any, *, keep_lines: bool = False) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {key: self._clean(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(one) for one in value]
        text = str(value)
        if self._secrets is not None:
            text = self._secrets.sub("****", text)
        text = _TOKEN_IN_PATH.sub(r"\1****", _QUERY.sub(r"\1?****", text))
        lines = text.split("\n") if keep_lines else [text]
        return "\n".join(escaped(line) for line in lines)
