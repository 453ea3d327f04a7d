"""What every test may use."""

from __future__ import annotations

pytest_plugins = ["sandbox.tests.discord_document", "tests.postgres.collecting"]
