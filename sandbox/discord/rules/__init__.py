"""Our own rules for what clients send: what Discord refuses and its document does not say.

Pure functions from a body to problems, one module per noun: `embeds`, `components`, `messages`,
`callbacks` with modals, `commands`, `channels`.
Simple limits are tables of *kinds* (`kinds.py`); the rest is code, which reads bodies and reports
by `problems.py`. `routes.py` says which rule judges which request.

The tables repeat limits that Discord's document has too. That is on purpose: the document is
optional, and a sandbox without it must refuse the same bodies.
"""

from __future__ import annotations
