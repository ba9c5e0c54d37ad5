"""Where the media of a film lies, as a worker is told: the resolver of picture and sound pools.

Owns: looking an asset up, and the pool of a film's sound. Refuses: drawing, which sound needs nothing of; nothing here loads Skia.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from editor_core.document import Snapshot
from editor_core.schema import MediaReference
from render.export import film
from render.media.errors import MediaMissing
from render.media.sound_pool import SoundPool


class Whereabouts:
    """From an asset id to its file and description."""

    def __init__(self, view: Snapshot, locations: Mapping[str, str]) -> None:
        self._view = view
        self._locations = locations

    def __call__(self, asset: str) -> tuple[Path, MediaReference]:
        """The file of an asset and what is known of it. Raises MediaMissing."""
        media = self._view.find(MediaReference, asset)
        if media is None:
            raise MediaMissing(f"This project knows no media {asset!r}.")
        if asset not in self._locations:
            raise MediaMissing(f"{media.name} is not on this machine. Relink it to where it is.")
        return Path(self._locations[asset]), media


def sounds(args: Mapping[str, Any]) -> tuple[Snapshot, SoundPool]:
    """The film's records and its sound. Close the pool."""
    view = film.decode(args["records"])
    return view, SoundPool(Whereabouts(view, args.get("locations", {})))
