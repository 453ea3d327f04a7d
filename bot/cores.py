"""No core dumps: a core would hold the token, the key and whatever passed through lately.

Python does not overwrite memory that it frees, so they cannot be wiped from it; what can be had is
that a crash leaves no copy of it on disk.
"""

from __future__ import annotations

import ctypes
import sys

PR_SET_DUMPABLE = 4  # prctl(2)


def forbid_cores() -> None:
    """For this process, whatever its limits were. A debugger of the same user is kept out too.

    On Linux the flag counts even where cores are piped to a program, which the limit does not stop.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
