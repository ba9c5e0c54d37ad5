"""Stretches and sound put together into the finished film, without encoding again.

Owns: the task `export_join`. Refuses: the final name, which the client gives once the file is whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from render.export.preset import Shape
from render.media.errors import EncodeError
from render.media.join import join
from render.tasks import Report

TASK = "export_join"


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Joins the files `pieces` and `sound` (empty for none) of `folder` into `out`; reports `done`. Raises MediaError."""
    folder = Path(args["folder"])
    shape = msgspec.convert(args["shape"], Shape)
    joined = join(
        [folder / name for name in args["pieces"]], folder / args["sound"] if args["sound"] else None, Path(args["out"]),
        rate=shape.rate, container=args["container"], metadata={"comment": args["note"]}, report=lambda share: report({"done": share}))
    if joined.frames != args["frames"]:
        raise EncodeError(f"The joined film has {joined.frames} frames instead of {args['frames']}; export again")
    return {"frames": joined.frames}
