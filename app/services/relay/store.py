"""What a relay keeps on disk.

Owns: one SQLite file of envelopes by room; one writer at a time. Refuses: returning from `add` before the disk has it.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from app.services.errors import AppError
from app.services.relay.bases import HEAD, Head, header_in

_SET_UP = (
    "CREATE TABLE IF NOT EXISTS envelopes(room BLOB NOT NULL, number INTEGER NOT NULL, document TEXT NOT NULL, session INTEGER NOT NULL, "
    "sequence INTEGER NOT NULL, actor BLOB NOT NULL, body BLOB NOT NULL)",
    "CREATE UNIQUE INDEX IF NOT EXISTS in_order ON envelopes(room, number)",
    "CREATE UNIQUE INDEX IF NOT EXISTS places ON envelopes(room, document, session, sequence)",
    "CREATE TABLE IF NOT EXISTS plain(room TEXT NOT NULL, document TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bus_logs(room BLOB PRIMARY KEY, log BLOB NOT NULL, position INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS relay(name TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS plain_places ON plain(room, document)",
)
_BYTES = 4 * 2**20
FORMAT = 1


class RelayTrouble(AppError):
    """The relay's folder cannot be used."""


class Row(NamedTuple):
    """One envelope; `number` counts those of its room in the order they came."""

    room: bytes
    number: int
    document: str
    session: int
    sequence: int
    actor: bytes
    body: bytes


class Summary(NamedTuple):
    """What is known of a room: highest sequences, authors by session, the last number, bytes."""

    have: dict[str, dict[int, int]]
    actors: dict[int, bytes]
    last: int
    size: int


class Position(NamedTuple):
    """Up to where the log of a room that relays share is in the file; `log` is the log's name."""

    room: bytes
    log: bytes
    number: int


def left_over(folder: Path) -> bool:
    """Whether a relay had its rooms in a folder and is gone."""
    lock = folder / "relay.lock"
    if not lock.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(lock, timeout=0.0, isolation_level=None)) as hold:
            hold.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        return False
    return True


class RelayStore:
    """The file `relay.sqlite` in a folder. Any thread may read; `add` is for one thread."""

    def __init__(self, folder: Path) -> None:
        """Raises RelayTrouble, also when another relay uses the folder."""
        self._path = folder / "relay.sqlite"
        try:
            folder.mkdir(0o700, parents=True, exist_ok=True)
            self._hold = sqlite3.connect(folder / "relay.lock", timeout=0.2, isolation_level=None, check_same_thread=False)
            self._hold.execute("BEGIN EXCLUSIVE")
            self._writer = self._connect()
            self._reader = self._connect()
            self._writer.execute("PRAGMA journal_mode=WAL")
            self._writer.execute("PRAGMA synchronous=FULL")
            version = self._writer.execute("PRAGMA user_version").fetchone()[0]
            if version > FORMAT:
                raise RelayTrouble(f"{self._path} comes from a newer relay; update ProEditor")
            for statement in _SET_UP:
                self._writer.execute(statement)
            self._writer.execute(f"PRAGMA user_version={FORMAT}")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise RelayTrouble(f"Another relay keeps its rooms in {folder}; give this one another --data folder") from None
            raise RelayTrouble(f"{folder} cannot be used by a relay: {error}") from None
        except (OSError, sqlite3.Error) as error:
            raise RelayTrouble(f"{folder} cannot be used by a relay: {error}") from None

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)

    def add(self, rows: Sequence[Row], positions: Sequence[Position] = ()) -> None:
        """Writes envelopes, and up to where the rooms' logs are here with them, all or none; they are on disk on return. Raises
        sqlite3.Error."""
        self._write(("INSERT INTO envelopes VALUES (?, ?, ?, ?, ?, ?, ?)", rows),
                    ("INSERT OR REPLACE INTO bus_logs VALUES (?, ?, ?)", positions))

    def add_plain(self, rows: Sequence[tuple[str, str, bytes]]) -> None:
        """As `add`: updates of plain rooms (room, document, update)."""
        self._write(("INSERT INTO plain VALUES (?, ?, ?)", rows))

    def ask(self) -> None:
        """Whether the disk takes anything: writes what is there already. Raises sqlite3.Error."""
        self._write((f"PRAGMA user_version={FORMAT}", [()]))

    def squeeze_plain(self, room: str, document: str, body: bytes) -> None:
        """One update in the place of all that are kept of a document. Raises sqlite3.Error."""
        self._write(("DELETE FROM plain WHERE room = ? AND document = ?", [(room, document)]),
                    ("INSERT INTO plain VALUES (?, ?, ?)", [(room, document, body)]))

    def empty(self, room: bytes) -> None:
        """Throws away everything of a room but its statements about members, also from free pages and the log. Raises sqlite3.Error."""
        self._writer.execute("PRAGMA secure_delete=ON")
        self._write(("DELETE FROM envelopes WHERE room = ? AND document <> 'members'", [(room,)]))
        self._writer.execute("PRAGMA secure_delete=OFF")
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def name(self) -> str:
        """The relay's own name among others on a bus, made when it is first asked for."""
        found = self._writer.execute("SELECT name FROM relay").fetchone()
        if found is None:
            found = (secrets.token_hex(8),)
            self._writer.execute("INSERT INTO relay VALUES (?)", found)
        return str(found[0])

    def position(self, room: bytes) -> tuple[bytes, int]:
        """The name of a room's shared log, and up to where it is known to be here."""
        found = self._reader.execute("SELECT log, position FROM bus_logs WHERE room = ?", (room,)).fetchone()
        return (b"", 0) if found is None else (bytes(found[0]), int(found[1]))

    def plain(self, room: str, document: str) -> list[bytes]:
        """The updates of a document of a plain room, in the order they came."""
        return [bytes(body) for (body,) in self._reader.execute("SELECT body FROM plain WHERE room = ? AND document = ? ORDER BY rowid",
                                                                (room, document))]

    def _write(self, *statements: tuple[str, Sequence[tuple[Any, ...]]]) -> None:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in statements:
                self._writer.executemany(statement, rows)
            self._writer.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            raise

    def summary(self, room: bytes) -> Summary:
        """What is kept of a room."""
        have: dict[str, dict[int, int]] = {}
        actors: dict[int, bytes] = {}
        for document, session, sequence, actor in self._reader.execute(
                "SELECT document, session, MAX(sequence), actor FROM envelopes WHERE room = ? GROUP BY document, session", (room,)):
            have.setdefault(document, {})[session] = sequence
            actors[session] = bytes(actor)
        last, size = self._reader.execute("SELECT MAX(number), SUM(LENGTH(body)) FROM envelopes WHERE room = ?", (room,)).fetchone()
        return Summary(have, actors, last or 0, size or 0)

    def rooms(self) -> int:
        """How many rooms there are."""
        return int(self._reader.execute("SELECT COUNT(DISTINCT room) FROM envelopes WHERE number = 1").fetchone()[0])

    def holds_content(self, room: bytes) -> bool:
        """Whether there is anything of a room but statements about its members."""
        found = self._reader.execute("SELECT 1 FROM envelopes WHERE room = ? AND document <> 'members' LIMIT 1", (room,)).fetchone()
        return found is not None

    def members(self, room: bytes) -> list[bytes]:
        """The `members` envelopes of a room, in the order they came."""
        return [bytes(body) for (body,) in self._reader.execute(
            "SELECT body FROM envelopes WHERE room = ? AND document = 'members' ORDER BY number", (room,))]

    def after(self, room: bytes, number: int) -> list[Row]:
        """Some envelopes after a number, in order: at least one if there is any, and not much more than 4 MiB."""
        rows: list[Row] = []
        size = 0
        for found in self._reader.execute("SELECT * FROM envelopes WHERE room = ? AND number > ? ORDER BY number LIMIT 2000",
                                          (room, number)):
            row = Row(*found)
            rows.append(row)
            size += len(row.body)
            if size > _BYTES:
                break
        return rows

    def heads(self, room: bytes) -> list[Head]:
        """The beginning of each session of what snapshots are made of, and all of those that begin with a snapshot."""
        ask = f"SELECT number, LENGTH(body), SUBSTR(body, 1, {HEAD}) FROM envelopes WHERE room = ? AND document = ? AND "  # noqa: S608
        found: list[Head] = []
        for document in ("timeline", "journal", "comments"):
            sessions = self._reader.execute("SELECT session FROM envelopes WHERE room = ? AND document = ? AND sequence = 1",
                                            (room, document)).fetchall()
            for (session,) in sessions:
                first = self._reader.execute(f"{ask} session = ? AND sequence = 1", (room, document, session)).fetchone()
                header = header_in(bytes(first[2]))
                if header is not None and header.covers:
                    found += [Head(number, size, bytes(raw)) for number, size, raw in
                              self._reader.execute(f"{ask} session = ?", (room, document, session))]
        return found

    def since(self, room: bytes, number: int) -> tuple[int, int]:
        """How many envelopes there are after a number, and how many bytes."""
        count, size = self._reader.execute("SELECT COUNT(*), SUM(LENGTH(body)) FROM envelopes WHERE room = ? AND number > ?",
                                           (room, number)).fetchone()
        return count, size or 0

    def number(self, room: bytes, place: tuple[str, int, int]) -> int:
        """The number of one envelope; 0 where it is not here."""
        found = self._reader.execute("SELECT number FROM envelopes WHERE room = ? AND document = ? AND session = ? AND sequence = ?",
                                     (room, *place)).fetchone()
        return 0 if found is None else int(found[0])

    def body(self, room: bytes, place: tuple[str, int, int]) -> bytes | None:
        """One envelope."""
        found = self._reader.execute("SELECT body FROM envelopes WHERE room = ? AND document = ? AND session = ? AND sequence = ?",
                                     (room, *place)).fetchone()
        return None if found is None else bytes(found[0])

    def close(self) -> None:
        for connection in self._all():
            connection.close()

    def _all(self) -> Iterable[sqlite3.Connection]:
        return self._writer, self._reader, self._hold
