"""What every test may use, and which tests need more than this repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["tests.discord_document"]

PAGE = "page: needs Chromium"
PEERS = "peers: needs the clients of others that tests/peers/install brings; ZEUXIS_PEERS=1"


def pytest_configure(config: pytest.Config) -> None:
    """Names the marks that tests carry."""
    config.addinivalue_line("markers", PEERS)
    config.addinivalue_line("markers", PAGE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs other clients unless asked for; pytest tells how many it left out."""
    if os.environ.get("ZEUXIS_PEERS"):
        return
    left_out = [item for item in items if item.get_closest_marker("peers")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
