"""The pictures of an exported file, frame by frame, as a verification looks at them.

Owns: opening the file or its numbered pictures, one format for all. Refuses: comparing. Runs in media workers: it loads PyAV.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from editor_core.schema import MediaReference
from render.export.preset import Shape
from render.media.convert import Converter, from_rgba, to_rgb
from render.media.errors import NoPicture
from render.media.reader import PictureReader, Threads
from render.picture import PictureFormat, Planes


class ExportedFilm:
    """The exported pictures by number, upright and in one format. A context manager; not for two threads."""

    def __init__(self, args: dict[str, Any], shape: Shape, fmt: PictureFormat) -> None:
        """`args` as the verification's tasks get them: `paths`, `media`, `step`, `stills`."""
        self._paths = [Path(path) for path in args["paths"]]
        self._media = msgspec.convert(args["media"], MediaReference)
        self._step = int(args["step"])
        self._stills = bool(args["stills"])
        self._size = (shape.width, shape.height)
        self._format = fmt
        self._converter = Converter()
        self._reader: PictureReader | None = None
        self.broken = 0

    def __enter__(self) -> ExportedFilm:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def at(self, frame: int) -> Planes:
        """What a player shows in the middle of a frame's time."""
        if self._stills:
            self._close()
        reader = self._reader or self._open(self._paths[frame] if self._stills else self._paths[0])
        self._reader = reader
        shown = reader.at(0 if self._stills else frame * self._step + self._step // 2).frame
        return self._converter.planes(shown, *self._size, self._format)

    def kept(self, drawn: Planes) -> Planes:
        """What a faultless file holds of a drawn frame: pictures in RGB lose colours that RGB does not have."""
        if not self._stills:
            return drawn
        return from_rgba(to_rgb(drawn, self._converter), drawn.format, opaque=drawn.alpha is None, scaler=self._converter)

    def _open(self, path: Path) -> PictureReader:
        if self._media.video is None:
            raise NoPicture(f"{path.name} has no picture.")
        return PictureReader(path, self._media.video, threads=Threads(1, "none"))

    def _close(self) -> None:
        if self._reader is not None:
            self.broken += self._reader.broken
            self._reader.close()
            self._reader = None
