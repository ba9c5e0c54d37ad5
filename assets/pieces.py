"""Files as numbered pieces, each of which can be checked by itself.

Owns: piece lists and their cache, reading pieces, files that arrive piece by piece in any order and over several runs.
Refuses: where pieces come from, and trusting them: a file has its name only when every byte of it was checked.

A list names a file by the BLAKE3 of the whole and each 4 MiB piece by its own. Whoever hands out a false list is found out at the
latest when the whole is checked; nothing was given a name until then.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from blake3 import blake3

log = logging.getLogger(__name__)

PIECE = 4 * 2**20
"""Bytes of every piece but the last."""
HASH = 32
MOST_PIECES = 1 << 17
"""Half a tebibyte."""
_ABOUT = 1 << 20


class PiecesError(Exception):
    """Something about pieces of a file, in words for people."""


class WrongList(PiecesError):
    """A list that cannot be one of a file."""


class WrongPiece(PiecesError):
    """Bytes that are not the piece that they were said to be, or a whole that is not what its list says."""


class FileChanged(PiecesError):
    """A file is not any more what it was when its list was made."""


class PieceList(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`size` in bytes, BLAKE3 of the whole file, BLAKE3 of each piece."""

    size: int
    whole: bytes
    pieces: tuple[bytes, ...]

    def length(self, number: int) -> int:
        """Bytes of a piece. Raises WrongPiece for one that the file does not have."""
        if not 0 <= number < len(self.pieces):
            raise WrongPiece(f"the file has no piece {number}")
        return min(PIECE, self.size - number * PIECE)

    def check(self, number: int, raw: bytes) -> None:
        """Raises WrongPiece unless these bytes are that piece."""
        if len(raw) != self.length(number) or blake3(raw).digest() != self.pieces[number]:
            raise WrongPiece(f"piece {number} is not what it was said to be")


def encode(pieces: PieceList) -> bytes:
    """A list's bytes."""
    return msgspec.msgpack.encode(pieces)


def decode(raw: bytes) -> PieceList:
    """A list from bytes of anybody. Raises WrongList."""
    try:
        found = msgspec.msgpack.decode(raw, type=PieceList)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WrongList(f"not a list of pieces: {error}") from None
    wanted = -(-found.size // PIECE) if found.size > 0 else -1
    if len(found.pieces) != wanted or wanted > MOST_PIECES or any(len(one) != HASH for one in (found.whole, *found.pieces)):
        raise WrongList("a list of pieces that no file can have")
    return found


def list_of(path: Path, cache: Path | None = None, stop: Callable[[], bool] = lambda: False) -> PieceList:
    """The list of a file; read once, kept in the folder `cache` as long as size and time of change stay.

    Raises OSError, WrongList for an empty file, FileChanged when it is written to meanwhile or `stop` says so.
    """
    before = path.stat()
    keep = _kept_at(cache, path, before) if cache is not None else None
    if keep is not None and (known := _known(keep)) is not None:
        return known
    whole = blake3(max_threads=blake3.AUTO)
    pieces: list[bytes] = []
    with path.open("rb") as file:
        while raw := file.read(PIECE):
            if stop():
                raise FileChanged(f"{path.name} is not needed any more")
            whole.update(raw)
            pieces.append(blake3(raw, max_threads=blake3.AUTO).digest())
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileChanged(f"{path.name} is being written to; try again when it is finished")
    found = decode(encode(PieceList(after.st_size, whole.digest(), tuple(pieces))))
    if keep is not None:
        _keep(keep, found)
    return found


def read_piece(path: Path, pieces: PieceList, number: int) -> bytes:
    """A piece as it is on the disk. Raises OSError, WrongPiece, FileChanged when the file is another one now."""
    with path.open("rb") as file:
        file.seek(number * PIECE)
        raw = file.read(pieces.length(number))
    try:
        pieces.check(number, raw)
    except WrongPiece:
        raise FileChanged(f"{path.name} has changed since it was offered") from None
    return raw


def _kept_at(cache: Path, path: Path, found: os.stat_result) -> Path:
    said = f"{path.absolute()}\x00{found.st_size}\x00{found.st_mtime_ns}"
    return cache / f"{blake3(os.fsencode(said)).hexdigest(16)}.pieces"


def _known(keep: Path) -> PieceList | None:
    try:
        return decode(keep.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, WrongList) as error:
        log.info("a kept list of pieces is made again: %s", error)
        return None


def _keep(keep: Path, pieces: PieceList) -> None:
    part = keep.with_suffix(f".{os.getpid()}.part")
    try:
        keep.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(encode(pieces))
        part.replace(keep)
    except OSError as error:
        log.info("a list of pieces could not be kept: %s", error)
        with contextlib.suppress(OSError):
            part.unlink()


def _name(part: Path, target: Path) -> None:
    """Gives a file its name; never in the place of another. Some file systems have no second names for one file."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError(target) from None
        part.rename(target)


class Arrival:
    """A file on its way: what has come is in `WHOLE.part`, which pieces those are in `WHOLE.have`, a byte for each.

    Begun anew or gone on with, whatever is there. Close it; it may be closed on one thread while another puts a piece.
    """

    def __init__(self, folder: Path, pieces: PieceList) -> None:
        """Raises OSError (no room, no permission)."""
        folder.mkdir(parents=True, exist_ok=True)
        self.pieces = pieces
        self._lock = threading.Lock()
        name = pieces.whole.hex()
        self._part, self._book = folder / f"{name}.part", folder / f"{name}.have"
        self._file = os.open(self._part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        self._have = os.open(self._book, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        if os.fstat(self._file).st_size != pieces.size or os.fstat(self._have).st_size != len(pieces.pieces):
            os.ftruncate(self._have, 0)
            os.ftruncate(self._have, len(pieces.pieces))
            os.ftruncate(self._file, pieces.size)
        self._marks = bytearray(os.pread(self._have, len(pieces.pieces), 0))

    @property
    def missing(self) -> list[int]:
        """Numbers of the pieces that have not come."""
        return [number for number, mark in enumerate(self._marks) if mark != 1]

    @property
    def done(self) -> int:
        """Bytes that have come."""
        return sum(self.pieces.length(number) for number, mark in enumerate(self._marks) if mark == 1)

    def put(self, number: int, raw: bytes) -> None:
        """Takes a piece. It counts as here only once it is written. Raises WrongPiece, OSError."""
        self.pieces.check(number, raw)
        view = memoryview(raw)
        at = number * PIECE
        with self._lock:
            while view and self._file >= 0:
                written = os.pwrite(self._file, view, at)
                view, at = view[written:], at + written
            if not view:
                self._mark(number, 1)

    def finish(self, target: Path) -> None:
        """Checks every byte again and gives the file its name; what is wrong is given up and has to come again.

        Raises WrongPiece where something was wrong, OSError. An existing `target` is not replaced: FileExistsError.
        """
        if self.missing:
            raise WrongPiece("the file is not whole yet")
        os.fsync(self._file)
        if self._whole() != self.pieces.whole:
            self._look_again()
            raise WrongPiece("what arrived is not the file that its list names")
        _name(self._part, target)
        self.close()
        for path in (self._part, self._book):
            path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Removes what has come."""
        self.close()
        for path in (self._part, self._book):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Keeps what has come for another time."""
        with self._lock:
            for name in ("_file", "_have"):
                handle = getattr(self, name)
                if handle >= 0:
                    os.close(handle)
                    setattr(self, name, -1)

    def _mark(self, number: int, mark: int) -> None:
        if self._have >= 0:
            self._marks[number] = mark
            os.pwrite(self._have, bytes([mark]), number)

    def _whole(self) -> bytes:
        digest = blake3(max_threads=blake3.AUTO)
        at = 0
        while at < self.pieces.size:
            raw = os.pread(self._file, min(_ABOUT * 8, self.pieces.size - at), at)
            if not raw:
                break
            digest.update(raw)
            at += len(raw)
        return digest.digest()

    def _look_again(self) -> None:
        """Marks pieces that the disk does not hold as they came (a power cut may do that)."""
        for number in range(len(self.pieces.pieces)):
            raw = os.pread(self._file, self.pieces.length(number), number * PIECE)
            try:
                self.pieces.check(number, raw)
            except WrongPiece:
                self._mark(number, 0)
