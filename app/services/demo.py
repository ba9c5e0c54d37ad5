"""The demonstration: the sample film made, exported, verified.

Owns: where it lies, the order of steps, what is printed. Refuses: the cut itself (see `sample`); opening projects, which the caller
hands in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import platformdirs

from app.services.errors import AppError
from app.services.exporting import export_film, report_lines, verify_film
from app.services.open_project import LocalTarget, OpenProject
from app.services.sample import NAME, lay_out_footage, make_sample
from render.pool import TaskPool


def sample_folder() -> Path:
    """Where the sample film is made unless a folder is given."""
    return Path(platformdirs.user_videos_dir()) / "ProEditor sample"


def make_demo(folder: Path, create: Callable[[Path], OpenProject], workers: Callable[[], AbstractContextManager[TaskPool]]) -> Path:
    """The sample film's project file; made now, with `create` and media `workers`, unless it is there: then it stays as it was left,
    and only footage that went missing is laid out again.

    Raises AppError when the folder cannot be written.
    """
    film = folder / NAME
    try:
        footage = lay_out_footage(folder)
    except OSError as error:
        raise AppError(f"The sample film cannot be made in {folder}: {error.strerror}; give another with --dir") from None
    if film.exists():
        return film
    print(f"Making the sample film in {folder} …", flush=True)
    unfinished = film.with_name(f"unfinished {NAME}")
    unfinished.unlink(missing_ok=True)
    project = create(unfinished)
    try:
        with workers() as pool:
            make_sample(LocalTarget(project), footage, pool)
    finally:
        project.close()
    unfinished.rename(film)
    return film


def prove_demo(project: OpenProject) -> int:
    """Exports the sample film beside its project and verifies the file; exit status 1 if it is not what the timeline says."""
    out = project.path.with_suffix(".mp4")
    print(f"Exporting {out.name} …", flush=True)
    result = export_film(project, out, None, [], None, None, None, False, quiet=False)
    print(f"Exported {result['frames']} frames, {result['seconds']:.2f} s. Verifying …", flush=True)
    report = verify_film(project, out, quiet=False)
    print("\n".join(report_lines(report)))
    print(f"Project: {project.path}\nFilm:    {out}")
    return 0 if report["ok"] else 1
