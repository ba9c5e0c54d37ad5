"""The asset library: a catalogue over all projects of one person, keyed by content hash.

Owns: what media was ever imported and where it lay, with full-text search. Refuses: being the truth of a project (the media
reference in the project is); it can be deleted and grows again.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from editor_core.schema import MediaReference

if TYPE_CHECKING:
    import sqlite_utils

log = logging.getLogger(__name__)
T = TypeVar("T")
QUOTED = str.maketrans({'"': '""'})


class LibraryError(Exception):
    """The catalogue cannot be read or written; projects are not affected."""


class Library:
    """Media by hash. Safe to call from several threads. A damaged catalogue is set aside and begun anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            aside = path.with_suffix(f".damaged-{int(time.time())}")
            log.warning("the asset library is damaged (%s); it is kept as %s and begun anew", error, aside)
            path.rename(aside)
            self._db = self._open()

    def _open(self) -> sqlite_utils.Database:
        import sqlite_utils  # a fifth of the time that the shortest command takes, which opens no library

        connection = sqlite3.connect(self.path, check_same_thread=False, timeout=5)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        db = sqlite_utils.Database(connection)
        with db.atomic():
            db.table("media").create({"hash": str, "name": str, "reference": str, "added": float}, pk="hash", if_not_exists=True)
            db.table("places").create({"hash": str, "path": str, "seen": float}, pk=("hash", "path"), if_not_exists=True)
            if not db.table("media").detect_fts():
                db.table("media").enable_fts(["name"], create_triggers=True, tokenize="unicode61")
        return db

    def remember(self, reference: MediaReference, path: Path) -> None:
        """Notes that media of this hash exists and lies at `path`."""
        row = {"hash": reference.hash, "name": reference.name, "added": time.time(),
               "reference": json.dumps(msgspec.to_builtins(reference))}

        def write(db: sqlite_utils.Database) -> None:
            with db.atomic():
                db.table("media").upsert(row, pk="hash")
                db.table("places").upsert({"hash": reference.hash, "path": str(path), "seen": time.time()}, pk=("hash", "path"))

        self._safely(write)

    def places(self, content_hash: str) -> list[Path]:
        """Where media of this hash was seen, newest first; files may be gone."""
        rows = self._safely(lambda db: list(db.table("places").rows_where("hash = ?", [content_hash], order_by="seen desc")))
        return [Path(row["path"]) for row in rows]

    def search(self, text: str = "", limit: int = 500) -> list[MediaReference]:
        """Media whose name has words that begin as those of `text`, newest first; all media for no text."""
        words = [f'"{word.translate(QUOTED)}"*' for word in text.split()]

        def read(db: sqlite_utils.Database) -> list[dict[str, Any]]:
            if not words:
                return list(db.table("media").rows_where(order_by="added desc", limit=limit))
            return list(db.table("media").search(" ".join(words), limit=limit))

        found: list[MediaReference] = []
        for row in self._safely(read):
            try:
                found.append(msgspec.json.decode(row["reference"], type=MediaReference))
            except msgspec.DecodeError as error:
                log.warning("library entry %s is unreadable: %s", row["hash"], error)
        return found

    def forget(self, content_hash: str) -> None:
        """Takes media out of the catalogue; no file and no project changes."""

        def write(db: sqlite_utils.Database) -> None:
            with db.atomic():
                db.table("media").delete_where("hash = ?", [content_hash])
                db.table("places").delete_where("hash = ?", [content_hash])

        self._safely(write)

    def _safely(self, work: Callable[[sqlite_utils.Database], T]) -> T:
        with self._lock:
            try:
                return work(self._db)
            except sqlite3.Error as error:
                raise LibraryError(f"The asset library {self.path.name} cannot be used: {error}") from error

    def close(self) -> None:
        with self._lock:
            self._db.close()
