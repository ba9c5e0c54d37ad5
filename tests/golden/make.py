"""Writes golden pictures: `python -m tests.golden.make NAME…`, or `--missing` for those that are not there yet.

Owns: that. Refuses: being run by tests. Look at what it wrote before it is committed.
"""

from __future__ import annotations

import sys

from tests.golden.compare import CASES, FOLDER, draw, node_of, write


def main(words: list[str]) -> int:
    """Exit status 0 when every named picture was written."""
    names = [name for name in CASES if not (FOLDER / f"{name}.png").exists()] if words == ["--missing"] else words
    unknown = [name for name in names if name not in CASES]
    if unknown or not words:
        print(f"name pictures to write, of: {', '.join(CASES)}", file=sys.stderr)
        return 1
    for name in names:
        write(name, draw(node_of(CASES[name]), CASES[name]))
        print(FOLDER / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
