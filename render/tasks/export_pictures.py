"""A run of stretches of a film as PNG files, each stretch in a folder of its own.

Owns: the task `export_pictures`. Refuses: the names that the pictures get in the end.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec

from render.export import png_note
from render.export.preset import PictureCodec, Shape
from render.export.studio import Studio, request_of
from render.media.encode import write_png
from render.tasks import Report
from render.tasks.export_segment import claimed

TASK = "export_pictures"


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Draws the `pieces` [first frame, count, folder name] into sub folders of `folder`; reports and result are as in `export_segment`.

    Raises MediaError (DiskFull among them), OfflineMedia.
    """
    codec = msgspec.convert(args["codec"], PictureCodec)
    request = request_of(msgspec.convert(args["shape"], Shape), codec.planes)
    folder = Path(args["folder"])
    made: list[int] = []
    with Studio(args, on_warning=lambda text: report({"warning": text})) as studio:
        for first, count, name in args["pieces"]:
            if not claimed(folder, name, args["number"]):
                continue
            part = folder / f"{name}.{args['number']}.part"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            for frame in range(first, first + count):
                path = part / f"{frame:08d}.png"
                write_png(studio.picture(args["start"] + frame * args["step"], request), path)
                png_note.add(path, args["note"])
                report({"first": first, "frames": frame - first + 1})
            part.replace(folder / name)
            report({"first": first, "frames": count, "finished": True})
            made.append(first)
    return {"made": made}
