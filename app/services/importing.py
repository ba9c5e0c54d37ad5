"""Import: from files and folders to media in the project.

Owns: probing files in media workers, taking them in, what is reported for each. Refuses: decoding; copying or moving media.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

import msgspec

from app.services.errors import AppError
from app.services.open_project import fresh_asset_id
from assets.ingest.files import IngestError, candidates
from assets.library import Library, LibraryError
from editor_core.schema import MediaReference

log = logging.getLogger(__name__)
PROBE_SECONDS = 60.0


class ImportRefused(AppError):
    """A file that cannot be imported; the message names it and says why."""


class Probes(Protocol):
    """The part of the task pool that import needs."""

    def submit(self, name: str, args: dict[str, Any], *, timeout: float) -> Future[dict[str, Any]]: ...


class Imported(msgspec.Struct, kw_only=True, omit_defaults=False):
    """What came of one file: `asset` is empty and `error` says why when it was not taken in. `duration` is ticks."""

    path: str
    asset: str = ""
    name: str = ""
    duration: int = 0
    seconds: float = 0.0
    kind: str = ""
    warnings: list[str] = []
    error: str = ""


def import_files(given: Iterable[Path], probes: Probes, add: Callable[[MediaReference, Path], str], library: Library | None = None,
                 report: Callable[[int, int, Imported], None] = lambda done, total, item: None) -> list[Imported]:
    """Imports files, and the media files of folders, in the order given.

    All are probed side by side in workers; `add` is called for each readable one in order. Raises ImportRefused only when
    a folder cannot be walked; a file that cannot be read has its `error`.
    """
    try:
        files = candidates(given)
    except IngestError as error:
        raise ImportRefused(str(error)) from None
    unreadable = [_unreadable(path) for path in files]
    futures = [None if problem else probes.submit("probe", {"path": str(path), "asset_id": fresh_asset_id()}, timeout=PROBE_SECONDS)
               for path, problem in zip(files, unreadable, strict=True)]
    done: list[Imported] = []
    for path, problem, future in zip(files, unreadable, futures, strict=True):
        item = Imported(path=str(path), name=path.name, error=problem) if future is None else _take(path, future, add, library)
        done.append(item)
        report(len(done), len(files), item)
    return done


def _take(path: Path, future: Future[dict[str, Any]], add: Callable[[MediaReference, Path], str], library: Library | None) -> Imported:
    try:
        reference = msgspec.convert(future.result(), MediaReference)
    except Exception as error:
        log.info("%s could not be probed", path, exc_info=True)
        text = str(error)
        return Imported(path=str(path), name=path.name, error=text if path.name in text else f"{path.name}: {text}")
    asset = add(reference, path)
    if library is not None:
        try:
            library.remember(reference, path)
        except LibraryError as error:
            log.warning("%s", error)
    return Imported(path=str(path), asset=asset, name=reference.name, duration=reference.duration,
                    seconds=round(reference.duration / 705_600_000, 6), kind=kind_of(reference), warnings=list(reference.warnings))


def _unreadable(path: Path) -> str:
    """Why there is nothing to read at `path`, in words for somebody who has just named it; empty where there is.

    A pipe is never opened: that would wait until somebody writes into it.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return f"{path} is a pipe, a socket or a device and not a file"
        str(path).encode()
    except UnicodeEncodeError:
        readable = str(path).encode(errors="surrogateescape").decode(errors="replace")
        return f"{readable}: the name of this file or of a folder above it is not UTF-8; give it another"
    except (FileNotFoundError, NotADirectoryError):
        return f"{path}: there is no such file"
    except OSError as error:
        return f"{path} cannot be reached: {error.strerror or error}"
    return ""


def kind_of(reference: MediaReference) -> str:
    """`still`, `video` (with or without sound) or `audio`."""
    if reference.still:
        return "still"
    return "video" if reference.video is not None else "audio"
