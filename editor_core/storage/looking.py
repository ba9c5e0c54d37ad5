"""Looking up single old entries in a project file that is being written.

Owns: the reading connection, made when first needed. Refuses: believing a row whose mark does not fit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from editor_core.storage.entries import ArchiveRow, Unusable, entries_of, unfold
from editor_core.storage.errors import StorageError
from editor_core.storage.layout import connect, intact

_GONE = "That step of the history cannot be read any more, so it cannot be undone"


class Reader:
    """Fetches packed ChangeSets by entry number."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._block: tuple[int, list[tuple[bytes, bytes]]] = (0, [])

    def connection(self) -> sqlite3.Connection:
        """A new connection for reading; the caller closes it. Raises StorageError."""
        try:
            return connect(self._path, "ro")
        except sqlite3.Error as error:
            raise StorageError(f"{self._path.name} cannot be read: {error}") from None

    def packed(self, number: int) -> bytes:
        """The packed ChangeSet of an entry. Raises StorageError."""
        return self._row(number)[0]

    def entry(self, number: int) -> tuple[bytes, bytes]:
        """Packed ChangeSet and replica parcel of an entry. Raises StorageError."""
        change, kept = self._row(number)
        try:
            return change, unfold(change, kept)
        except Unusable:
            raise StorageError(_GONE) from None

    def _row(self, number: int) -> tuple[bytes, bytes]:
        """Packed ChangeSet, and the replica parcel as the row keeps it."""
        first, pairs = self._block
        if first <= number < first + len(pairs):
            return pairs[number - first]
        if self._connection is None:
            self._connection = self.connection()
        try:
            return self._fetch(self._connection, number)
        except (sqlite3.Error, Unusable):
            raise StorageError(_GONE) from None

    def parcels(self, last: int) -> Iterator[bytes]:
        """The replica parcels of entries 1 to `last`, those that can be read."""
        for number in range(1, last + 1):
            try:
                yield self.entry(number)[1]
            except StorageError:
                continue

    def _fetch(self, connection: sqlite3.Connection, number: int) -> tuple[bytes, bytes]:
        row = connection.execute("SELECT sequence, previous, change, replica, mark FROM journal WHERE sequence = ?", (number,)).fetchone()
        if row is not None and intact("journal", row):
            return row[2], row[3]
        row = connection.execute("SELECT first, last, previous, chain, lines, body, mark FROM archive WHERE first <= ? "
                                 "ORDER BY first DESC LIMIT 1", (number,)).fetchone()
        if row is None or not intact("archive", row) or row[1] < number:
            raise StorageError(_GONE)
        self._block = (row[0], entries_of(ArchiveRow(*row)))
        return self._block[1][number - row[0]]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
