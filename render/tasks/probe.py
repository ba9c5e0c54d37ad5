"""What a media file is.

Owns: the task `probe`. Refuses: taking it into a project.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from render.media.probe import describe
from render.tasks import Report

TASK = "probe"


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """The media reference of the file at `path` with the id `asset_id`, as plain values. Raises MediaError."""
    plain: dict[str, Any] = msgspec.to_builtins(describe(Path(args["path"]), str(args["asset_id"])))
    return plain
