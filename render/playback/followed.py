"""The document as a server follows it: loaded whole, then changed revision by revision.

Owns: applying what the client sends, and finding an asset's file on this machine. Refuses: deciding anything about records.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from editor_core.document import Document, DocumentError, Snapshot
from editor_core.schema import MediaReference, SchemaError
from render.media.errors import MediaError, MediaMissing
from render.messages import Change, Load, Locate
from render.stand_in import described, is_stand_in


class FollowedDocument:
    """Used by one thread. `snapshot` is None until the first Load; `moves` counts how often files came to lie elsewhere."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._locations: dict[str, list[str]] = {}
        self.moves = 0

    @property
    def snapshot(self) -> Snapshot | None:
        return self._document.snapshot if self._document is not None else None

    @property
    def revision(self) -> int:
        """Of the snapshot; -1 before the first Load."""
        return self._document.revision if self._document is not None else -1

    def take(self, message: Load | Change | Locate) -> bool:
        """Applies one message. False when it does not follow on what is here: then a Load is needed."""
        if isinstance(message, Load):
            self._document = Document(message.records, revision=message.revision)
            self._relocate(message.locations)
            return True
        if isinstance(message, Locate):
            self._locations[message.asset] = list(message.paths)
            self.moves += 1  # told anew it is to be looked at anew: what was open may be gone by now, or back
            return True
        if message.revision <= self.revision:
            return True  # what a Load already brought
        if self._document is None or message.revision != self.revision + 1:
            return False
        try:
            self._document.apply(message.change)
        except (DocumentError, SchemaError, msgspec.ValidationError):
            return False
        return True

    def _relocate(self, locations: dict[str, list[str]]) -> None:
        if locations != self._locations:
            self._locations = dict(locations)
            self.moves += 1

    def resolve(self, asset: str) -> tuple[Path, MediaReference]:
        """An asset's file and description. Raises MediaError naming it where no file is known or there."""
        snapshot = self.snapshot
        reference = snapshot.find(MediaReference, asset) if snapshot is not None else None
        if reference is None:
            raise MediaError(f"The project has no media {asset!r}.")
        paths = [Path(path) for path in self._locations.get(asset, ())]
        for path in paths:
            if path.exists():
                return path, described(path, reference)
        known = [path for path in paths if not is_stand_in(path)]
        if not known:
            raise MediaMissing(f"{reference.name} is not on this computer. Relink it, or fetch it from whoever has it.")
        raise MediaMissing(f"{reference.name} is not where it was. It was at {known[0]}. Put it back or relink it.")
