"""The database: its file, its connections, its schema; no word of jobs or pictures."""

from __future__ import annotations
