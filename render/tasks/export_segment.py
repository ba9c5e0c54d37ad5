"""A run of stretches of a film, drawn and encoded one after the other, each into a file of its own.

Owns: the task `export_segment`, the claim on each stretch, its temporary name. Refuses: choosing stretches, joining them.

Drawing and encoding run side by side: both leave the interpreter free while the libraries work. The decoders stay open from one
stretch to the next.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from render.export.preset import PictureCodec, Shape
from render.export.studio import Studio, request_of
from render.export.work_folder import sync
from render.media.codecs import VideoSettings
from render.media.encode import VideoEncoder
from render.media.errors import EncodeError
from render.picture import PLANE_FORMATS, PictureFormat, Planes
from render.tasks import Report

TASK = "export_segment"

_AHEAD = 3
"""Pictures that may wait for the encoder."""
_REPORT_EVERY = 4


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Makes the `pieces` [first frame, count, file name] in `folder`, those that no other worker has claimed, and returns `made`.

    Reports `{"first", "frames"}` while a piece is made and `{"first", "frames", "finished"}` when its file has its name.
    Raises MediaError (DiskFull among them), OfflineMedia.
    """
    shape = msgspec.convert(args["shape"], Shape)
    codec = msgspec.convert(args["codec"], PictureCodec)
    request = request_of(shape, codec.planes)
    folder = Path(args["folder"])
    made: list[int] = []
    with Studio(args, on_warning=lambda text: report({"warning": text})) as studio, _Encoding(report) as encoding:
        for first, count, name in args["pieces"]:
            if not claimed(folder, name, args["number"]):
                continue
            report({"first": first, "frames": 0})
            encoding.begin(_Piece(args["number"], first, count, folder / name, shape, codec, int(args["threads"])))
            for frame in range(first, first + count):
                encoding.add(studio.picture(args["start"] + frame * args["step"], request))
            made.append(first)
    return {"made": made}


def claimed(folder: Path, name: str, number: int) -> bool:
    """Whether this order (its number) now owns a piece; False where another worker was first."""
    try:
        handle = os.open(folder / f"{name}.claim", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(str(number))
    return True


class _Piece:
    """One stretch on its way to its file."""

    def __init__(self, number: int, first: int, count: int, path: Path, shape: Shape, codec: PictureCodec, threads: int) -> None:
        self.first = first
        self.count = count
        self._path = path
        self._part = path.with_name(f"{path.stem}.{number}.part{path.suffix}")
        settings = VideoSettings(codec=codec.codec, crf=codec.crf, speed=codec.speed, keyint=codec.keyint,  # type: ignore[arg-type]
                                 profile=codec.profile or "standard", threads=threads)
        self._encoder = VideoEncoder(self._part, settings, width=shape.width, height=shape.height, rate=shape.rate,
                                     fmt=PictureFormat(PLANE_FORMATS[codec.planes]))

    @property
    def frames(self) -> int:
        return self._encoder.frames

    def write(self, planes: Planes) -> None:
        self._encoder.write(planes)

    def finish(self) -> None:
        """Gives the file its name once it is whole and on the disk."""
        self._encoder.close()
        if self._encoder.frames != self.count:
            raise EncodeError(f"{self._encoder.frames} frames were made of a stretch of {self.count}")
        sync(self._part)
        self._part.replace(self._path)

    def abort(self) -> None:
        self._encoder.abort()


class _Encoding:
    """The encoder's thread: pictures in, files out, in order. What it raises is raised by the next call from outside."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._queue: queue.Queue[Planes | _Piece | None] = queue.Queue(_AHEAD)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="encoding", daemon=True)

    def __enter__(self) -> _Encoding:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None:
            self._error = self._error or error
        self._queue.put(None)
        self._thread.join()
        if kind is None:
            self._check()

    def begin(self, piece: _Piece) -> None:
        """What follows belongs to this piece; the one before is finished."""
        self._put(piece)

    def add(self, planes: Planes) -> None:
        """The next picture."""
        self._put(planes)

    def _put(self, item: Planes | _Piece) -> None:
        self._check()
        self._queue.put(item)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _items(self) -> Iterator[Planes | _Piece]:
        while (item := self._queue.get()) is not None:
            yield item

    def _work(self) -> None:
        piece: _Piece | None = None
        for item in self._items():
            if self._error is not None:
                continue  # somebody still fills the queue
            try:
                if isinstance(item, _Piece):
                    self._finish(piece)
                    piece = item
                elif piece is not None:
                    piece.write(item)
                    if piece.frames % _REPORT_EVERY == 0:
                        self._report({"first": piece.first, "frames": piece.frames})
            except BaseException as error:
                self._error = error
        if self._error is None:
            try:
                self._finish(piece)
            except BaseException as error:
                self._error = error
        if self._error is not None and piece is not None:
            with contextlib.suppress(Exception):
                piece.abort()

    def _finish(self, piece: _Piece | None) -> None:
        if piece is None:
            return
        piece.finish()
        self._report({"first": piece.first, "frames": piece.count, "finished": True})


