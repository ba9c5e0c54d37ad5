"""How loud a file is along its length, for drawing.

Owns: the task `waveform`, and finished waveforms on disk by content. Refuses: drawing, and zooming (the caller gathers rows).
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from editor_core.schema import MediaReference
from editor_core.timing import TICKS_PER_SECOND
from render.media.peaks import Peaks, peaks
from render.media.probe import describe
from render.stand_in import described
from render.tasks import Report

TASK = "waveform"
MOST_ROWS = 1 << 20
"""A waveform of more than 87 minutes has rows of 10 ms, of more than three hours of 20 ms, and so on: 12 MiB at most."""
_FORMAT = 1
_log = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    version: int
    ticks_per_row: int
    rows: bytes
    broken: int = 0


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Lowest sample, highest sample and RMS (-1 to 1, both channels together) of stream `stream` (0) of the file at `path`.

    `{"rows": float32 bytes (n, 3), "ticks_per_row", "broken"}`, row 0 at media time 0; `broken` is about how many packets could not be
    decoded. With `folder`, finished waveforms are kept there
    by content. `reference` (the media record as plain values) saves describing the file again. Raises MediaError.
    """
    path, stream = Path(args["path"]), int(args.get("stream", 0))
    known = args.get("reference")
    reference = described(path, msgspec.convert(known, MediaReference)) if known else describe(path, "waveform")
    keep = _file(Path(args["folder"]), reference, stream) if args.get("folder") else None
    made = _read(keep) if keep is not None else None
    if made is None:
        found = peaks(path, reference=reference, stream=stream, report=lambda share: report({"done": share}))
        made = _Kept(_FORMAT, *rows_of(found), found.broken)
        if keep is not None:
            _write(keep, made)
    return {"rows": made.rows, "ticks_per_row": made.ticks_per_row, "broken": made.broken}


def rows_of(found: Peaks) -> tuple[int, bytes]:
    """(ticks a row, rows as float32 bytes) of the finest level, from media time 0 on."""
    level = found.levels[0].astype(np.float32) / 32767.0
    step = TICKS_PER_SECOND // found.per_second
    rows = np.empty((len(level), 3), np.float32)
    rows[:, 0], rows[:, 1] = level[:, :, 0].min(axis=1), level[:, :, 1].max(axis=1)
    rows[:, 2] = np.sqrt(np.mean(np.square(level[:, :, 2]), axis=1))
    lead = round(found.start / step)
    if lead > 0:
        rows = np.concatenate([np.zeros((lead, 3), np.float32), rows])
    while len(rows) > MOST_ROWS:
        rows, step = _halved(rows), step * 2
    return step, rows.tobytes()


def _halved(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    if len(rows) % 2:
        rows = np.concatenate([rows, rows[-1:]])
    pairs = rows.reshape(-1, 2, 3)
    made = np.empty((len(pairs), 3), np.float32)
    made[:, 0], made[:, 1] = pairs[:, :, 0].min(axis=1), pairs[:, :, 1].max(axis=1)
    made[:, 2] = np.sqrt(np.mean(np.square(pairs[:, :, 2]), axis=1))
    return made


def _file(folder: Path, reference: MediaReference, stream: int) -> Path:
    name = hashlib.blake2b(f"{reference.hash} {stream}".encode(), digest_size=16).hexdigest()
    return folder / f"{name}.wave"


def _read(path: Path) -> _Kept | None:
    try:
        kept = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        _log.info("a kept waveform is made again: %s", error)
        return None
    fits = kept.version == _FORMAT and kept.ticks_per_row > 0 and len(kept.rows) % 12 == 0
    return kept if fits else None


def _write(path: Path, kept: _Kept) -> None:
    """Under its name only when whole; a full or read-only disk costs only the keeping."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.msgpack.encode(kept))
        part.replace(path)
    except OSError as error:
        _log.info("a waveform could not be kept: %s", error)
        with contextlib.suppress(OSError):
            part.unlink()
