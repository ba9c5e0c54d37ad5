"""The demonstration: the sample film made, exported, verified.

Owns: where it lies, the order of steps, what is printed. Refuses: the cut itself (see `sample`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from app.services.errors import AppError
from app.services.sample import AUDIO_RATE, HEIGHT, NAME, RATE, WIDTH, lay_out_footage, make_sample

if TYPE_CHECKING:
    from app.bootstrap import Parts


def sample_folder() -> Path:
    """Where the sample film is made unless a folder is given."""
    return Path(platformdirs.user_videos_dir()) / "ProEditor sample"


def make_demo(parts: Parts, folder: Path) -> Path:
    """The sample film's project file; made now unless it is there. Raises AppError when the folder cannot be written."""
    from app import bootstrap
    from app.services.open_project import LocalTarget

    film = folder / NAME
    if film.exists():
        return film
    try:
        footage = lay_out_footage(folder)
    except OSError as error:
        raise AppError(f"The sample film cannot be made in {folder}: {error.strerror}; give another with --dir") from None
    print(f"Making the sample film in {folder} …", flush=True)
    unfinished = film.with_name(f"unfinished {NAME}")
    unfinished.unlink(missing_ok=True)
    project = bootstrap.create_project(parts, unfinished, name="Meadow", width=WIDTH, height=HEIGHT, rate=RATE, audio_rate=AUDIO_RATE)
    try:
        with bootstrap.task_pool() as pool:
            make_sample(LocalTarget(project), footage, pool)
    finally:
        project.close()
    unfinished.rename(film)
    return film


def prove_demo(parts: Parts, film: Path) -> int:
    """Exports the sample film beside its project and verifies the file; exit status 1 if it is not what the timeline says."""
    from app import bootstrap
    from app.services.exporting import export_film, report_lines, verify_film

    out = film.with_suffix(".mp4")
    with bootstrap.reading(parts, film) as project:
        print(f"Exporting {out.name} …", flush=True)
        result = export_film(project, out, None, [], None, None, None, False, quiet=False)
        print(f"Exported {result['frames']} frames, {result['seconds']:.2f} s. Verifying …", flush=True)
        report = verify_film(project, out, quiet=False)
    print("\n".join(report_lines(report)))
    print(f"Project: {film}\nFilm:    {out}")
    return 0 if report["ok"] else 1
