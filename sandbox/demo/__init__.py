"""`make demo`: sandbox and bot together, for a browser or for one request in the terminal."""

from __future__ import annotations
