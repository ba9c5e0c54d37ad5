"""A smaller file that stands in for media.

Owns: the task `proxy` and the stand-in's temporary name. Refuses: deciding which media needs one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from editor_core.schema import MediaReference
from render.media.errors import MediaRefused
from render.media.proxy import make_stand_in
from render.stand_in import HEIGHTS, can_have, name_of
from render.tasks import Report

TASK = "proxy"


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stand-in of `kind` (`proxy` or `preview`) of the file at `path`, in `folder` under its name: `{"path"}`.

    `reference` is the media record as plain values. One that is there already is not made again. Reports `{"done": 0 to 1}`.
    Raises MediaError.
    """
    reference = msgspec.convert(args["reference"], MediaReference)
    kind = next((one for one in HEIGHTS if one == args["kind"]), None)
    if kind is None or not can_have(reference):
        raise MediaRefused(f"{reference.name} needs no {args['kind']}.")
    out = Path(args["folder"]) / name_of(reference.hash, kind)
    if not out.is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(f"{os.getpid()}.{out.name}")
        make_stand_in(Path(args["path"]), reference, part, kind, lambda share: report({"done": share}))
        part.replace(out)
    return {"path": str(out)}
