"""Grabbing the frame at the playhead as a picture file.

Owns: asking for the file, the background job, saying what came of it. Refuses: drawing (a media worker does).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.services.stills import write_still
from editor_core.timing import format_timecode


def suggested_name(bench: Any) -> str:
    """`Film 00-01-24-08.png` for the frame at the playhead."""
    film = bench.project_path.stem if bench.project_path is not None else "Frame"
    return f"{film} {format_timecode(bench.transport.ticks, bench.rate).replace(':', '-')}.png"


def grab_frame(bench: Any, parent: QWidget) -> None:
    """Asks where to, and writes the frame at full quality in the background."""
    folder = Path(str(bench.settings.get("folders/stills", bench.settings.get("folders/last", str(Path.home())))))
    name, _ = QFileDialog.getSaveFileName(parent, "Grab frame", str(folder / suggested_name(bench)), "PNG picture (*.png)")
    if name:
        out = Path(name)
        bench.settings.set("folders/stills", str(out.parent))
        write_frame(bench, bench.transport.ticks, out if out.suffix.lower() == ".png" else out.with_name(f"{out.name}.png"))


def write_frame(bench: Any, ticks: int, out: Path) -> Any:
    """Writes a frame as PNG; the job. A toast says where it is, or why not."""
    services = bench.services

    def work(_job: Any) -> list[str]:
        return list(write_still(services.project, services.tasks, str(ticks), out, 1.0))

    def done(job: Any) -> None:
        if job.state == "done":
            bench.say(f"Frame written to {out}", "ok")
        elif job.error:
            bench.say(f"The frame could not be written: {job.error}", "danger")

    return bench.jobs.start("still", f"Grab {out.name}", work, done)
