"""The hash of a whole file, made in the background.

Owns: the task `full_hash`. Refuses: deciding whether two files are one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from render.media.identity import full_hash
from render.tasks import Report

TASK = "full_hash"


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """`{"full_hash": "blake3:…"}` of the file at `path`; reports `{"done": 0 to 1}`. Raises MediaError."""
    return {"full_hash": full_hash(Path(args["path"]), lambda share: report({"done": share}))}
