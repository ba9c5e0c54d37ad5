"""Pictures by asset and time, for whoever draws.

Owns: which readers stay open, conversion to what the caller asks for, one shared finished picture where a frame is held.
Refuses: the timeline, drawing, and knowledge of where assets lie (the caller passes a resolver).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from editor_core.schema import Crop, MediaReference
from render.media.convert import Box, Converter
from render.media.errors import NoPicture
from render.media.fields import WholeFrames
from render.media.reader import AUTOMATIC, PictureReader, Threads
from render.picture import PictureFormat, Planes

Resolver = Callable[[str], tuple[Path, MediaReference]]
"""From an asset id to its file here and its description; raises MediaError where it is missing."""

_NO_CROP = Crop()


@dataclass(slots=True)
class _Use:
    """One open reader with the scaler and the last picture of that use."""

    reader: PictureReader
    reference: MediaReference
    converter: Converter
    last_frame: Any = None
    last_request: tuple[Any, ...] = ()
    last_planes: Planes | None = None
    fields: WholeFrames | None = None
    """For interlaced films."""
    path: Path = field(default_factory=Path)


class PicturePool:
    """Decoders for every file in use, least recently used closed first. Belongs to one thread. Close it."""

    def __init__(
        self, resolve: Resolver, *, readers: int = 12, budget: int = 512 << 20, threads: Threads = AUTOMATIC, scale_threads: int = 1,
        on_damage: Callable[[MediaReference], None] = lambda reference: None,
    ) -> None:
        """At most `readers` files stay open; frames kept for steps back share `budget` bytes among them.

        `on_damage` hears once of each asset some of whose pictures could not be decoded; their neighbours stand in for them.
        """
        self._resolve = resolve
        self._most = max(1, readers)
        self._budget = budget
        self._threads = threads
        self._scale_threads = scale_threads
        self._on_damage = on_damage
        self._damaged: set[str] = set()
        self._uses: OrderedDict[tuple[str, int], _Use] = OrderedDict()

    def picture(
        self, asset: str, ticks: int, *, width: int, height: int, crop: Crop = _NO_CROP, fmt: PictureFormat, use: int = 0
    ) -> Planes:
        """The last frame of `asset` whose time is ≤ `ticks`, upright, cropped, scaled to `width` × `height`, in `fmt`.

        `ticks` is media time (0 is the earliest sample of the file), clamped to the first and last frame. `crop` cuts
        fractions of the upright picture, rounded to its whole pixels. `use` keeps a decoder of its own for each place
        that shows the same file at the same time. The planes are shared with the decoder: read-only. Raises MediaError.
        """
        entry = self._entry(asset, use)
        shown = entry.reader.at(ticks) if entry.fields is None else entry.fields.at(ticks)
        if entry.reader.broken and asset not in self._damaged:
            self._damaged.add(asset)
            self._on_damage(entry.reference)
        self._keep_within_budget()
        request = (width, height, crop, fmt)
        if entry.last_planes is not None and shown.frame is entry.last_frame and request == entry.last_request:
            return entry.last_planes
        video = entry.reference.video
        rotation = video.rotation if video else 0
        box = crop_box(crop, *upright(shown.frame, rotation)) if crop != _NO_CROP else None
        planes = entry.converter.planes(shown.frame, width, height, fmt, rotation=rotation, box=box)
        entry.last_frame, entry.last_request, entry.last_planes = shown.frame, request, planes
        return planes

    def frame_time(self, asset: str, ticks: int, *, use: int = 0) -> int:
        """Media time in ticks of the frame that `picture` shows at `ticks`."""
        return self._entry(asset, use).reader.at(ticks).ticks

    def forget(self, asset: str) -> None:
        """Close every reader of an asset: its file moved or changed."""
        for key in [key for key in self._uses if key[0] == asset]:
            self._uses.pop(key).reader.close()

    def close(self) -> None:
        """Close every reader."""
        while self._uses:
            self._uses.popitem()[1].reader.close()

    def _keep_within_budget(self) -> None:
        """Where all readers together keep too many frames, those used longest ago give theirs up."""
        kept = sum([use.reader.kept_bytes for use in self._uses.values()])
        if kept <= self._budget:
            return
        for use in self._uses.values():
            if kept <= self._budget:
                return
            kept -= use.reader.kept_bytes
            use.reader.trim()
            kept += use.reader.kept_bytes

    def _entry(self, asset: str, use: int) -> _Use:
        key = (asset, use)
        entry = self._uses.get(key)
        if entry is not None:
            self._uses.move_to_end(key)
            return entry
        path, reference = self._resolve(asset)
        if reference.video is None:
            raise NoPicture(f"{reference.name} has sound but no picture.")
        while len(self._uses) >= self._most:
            self._uses.popitem(last=False)[1].reader.close()
        reader = PictureReader(path, reference.video, threads=self._threads, keep_bytes=self._budget // 4)
        fields = WholeFrames(reader) if reference.video.interlaced else None
        entry = self._uses[key] = _Use(reader, reference, Converter(self._scale_threads), path=path, fields=fields)
        return entry


def upright(frame: Any, rotation: int) -> tuple[int, int]:
    """Width and height of a frame in its own pixels once it is turned upright."""
    return (frame.height, frame.width) if rotation in (90, 270) else (frame.width, frame.height)


def crop_box(crop: Crop, width: int, height: int) -> Box:
    """The whole pixels of a `width` × `height` picture that a crop leaves; at least one each way."""
    left, right = round(crop.left * width), round((1 - crop.right) * width)
    top, bottom = round(crop.top * height), round((1 - crop.bottom) * height)
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(1, right - left), max(1, bottom - top)
