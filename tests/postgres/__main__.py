"""python -m tests.postgres <folder>: prepares what was collected there; fails if one is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.postgres.preparing import refused


def main(folder: Path) -> int:
    """Returns the exit status."""
    files = [json.loads(file.read_text()) for file in folder.glob("*.json")]
    statements = sorted({sql for file in files for sql in file})
    if not statements:
        print(f"no statement was collected in {folder}")
        return 1
    refusals = refused(statements)
    for sql, why in refusals.items():
        print(f"PostgreSQL refuses: {why}\n  {sql}")
    print(f"PostgreSQL prepared {len(statements)} statements and refused {len(refusals)} of them")
    return 1 if refusals else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
