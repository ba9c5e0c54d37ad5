"""How ProEditor's own processes talk: length-prefixed msgpack over pipes, and blocks of shared memory.

Owns: framing with size bounds, the typed channel, anonymous shared memory that is handed to a child process.
Refuses: pickle, untyped trust (a message that does not fit its declaration is a WireError), and knowing any message.

A frame is 4 bytes of length (big endian) and that many bytes of msgpack. The length is checked before anything is allocated.
Both ends treat the other as possibly hostile: a media process may have been taken over by a broken file.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
import threading
from typing import Any, Generic, TypeVar

import msgspec

HEADER = struct.Struct(">I")
FROM_WORKER_LIMIT = 16 << 20
"""Bytes of one message that a client accepts from a worker."""
TO_WORKER_LIMIT = 256 << 20
"""Bytes of one message that a worker accepts: a snapshot of about 500,000 clips."""

M = TypeVar("M")


class WireError(Exception):
    """The other end sent what is no message: too long, cut off, or not of the declared shape. The connection is done."""


class WireClosed(WireError):
    """The other end has gone."""


class Channel(Generic[M]):
    """Messages over a pair of file descriptors. `incoming` is the type (a union of tagged structs) of what is received.

    `send` may be called from any thread; `receive` from one. Neither closes the descriptors by itself.
    """

    def __init__(self, read_fd: int, write_fd: int, incoming: Any, *, limit: int, send_limit: int = 0xFFFFFFFF) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._decoder = msgspec.msgpack.Decoder(incoming)
        self._encoder = msgspec.msgpack.Encoder()
        self._limit = limit
        self._send_limit = send_limit
        self._sending = threading.Lock()
        self._closed = False

    def send(self, message: Any) -> None:
        """Writes one message whole. Raises WireClosed when the other end has gone, WireError (nothing is sent) over the limit and for
        what has no bytes, such as a file name that is not UTF-8."""
        try:
            body = self._encoder.encode(message)
        except (ValueError, OverflowError, TypeError, RecursionError) as error:
            raise WireError(f"this cannot be sent: {error}") from error
        if len(body) > self._send_limit:
            raise WireError(f"a message of {len(body)} bytes is over the limit of {self._send_limit}")
        parts = memoryview(HEADER.pack(len(body)) + body)
        with self._sending:
            if self._closed:
                raise WireClosed("the connection is closed")
            try:
                while parts:
                    parts = parts[os.write(self._write_fd, parts):]
            except (BrokenPipeError, ConnectionError, OSError) as error:
                raise WireClosed("the other process has gone") from error

    def close(self) -> None:
        """No `send` touches the descriptors after this returns, so that they may be closed. Call it when the other end is gone."""
        with self._sending:
            self._closed = True

    def receive(self) -> M:
        """The next message, waiting for it. Raises WireClosed at a clean end, WireError for anything that is no message."""
        (length,) = HEADER.unpack(self._exactly(HEADER.size, clean_end=True))
        if not 0 < length <= self._limit:
            raise WireError(f"a message of {length} bytes is over the limit of {self._limit}")
        body = self._exactly(length, clean_end=False)
        try:
            message: M = self._decoder.decode(body)
        except (msgspec.DecodeError, RecursionError, MemoryError, UnicodeDecodeError) as error:
            raise WireError(f"a message does not fit: {str(error)[:200]}") from None
        return message

    def _exactly(self, count: int, *, clean_end: bool) -> bytearray:
        held = bytearray()
        while len(held) < count:
            try:
                piece = os.read(self._read_fd, min(count - len(held), 1 << 20))
            except OSError as error:
                raise WireClosed("the other process has gone") from error
            if not piece:
                if clean_end and not held:
                    raise WireClosed("the other process has gone")
                raise WireError("a message was cut off")
            held += piece
        return held


class SharedBlock:
    """A stretch of memory that this process makes and a child maps.

    Anonymous where the system has it (memfd, sealed against shrinking so that a child cannot make this process fault), else
    a file in the temporary folder that is already unlinked. Either way nothing is left behind when both processes end.
    """

    def __init__(self, fd: int, size: int) -> None:
        self.fd = fd
        self.size = size
        self._map = mmap.mmap(fd, size)

    @classmethod
    def create(cls, size: int, name: str = "proeditor") -> SharedBlock:
        """A zeroed block of `size` bytes; pages are taken from the system only when they are written."""
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            os.ftruncate(fd, size)
            import fcntl  # not on every system, and only needed where memfd is

            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        else:  # macOS: no memfd
            fd, path = tempfile.mkstemp(prefix=name)
            os.unlink(path)  # noqa: PTH108 - the descriptor is what counts
            os.ftruncate(fd, size)
        return cls(fd, size)

    @classmethod
    def inherited(cls, fd: int) -> SharedBlock:
        """In a child: the block behind a descriptor it was started with. Raises WireError when there is none."""
        try:
            return cls(fd, os.fstat(fd).st_size)
        except (OSError, ValueError) as error:
            raise WireError(f"there is no shared memory behind descriptor {fd}") from error

    def grow(self, size: int) -> None:
        """Makes the block at least `size` bytes; views taken before stay valid and show the same memory."""
        if size <= self.size:
            return
        os.ftruncate(self.fd, size)
        self.remap()

    def remap(self) -> None:
        """Maps the block again at its present size, after the other end has grown it."""
        self.size = os.fstat(self.fd).st_size
        self._map = mmap.mmap(self.fd, self.size)  # the old map lives as long as views of it do

    def view(self, start: int, length: int) -> memoryview:
        """A writable window of the block. Raises WireError outside of it."""
        if start < 0 or length < 0 or start + length > self.size:
            raise WireError(f"bytes {start} to {start + length} are outside the shared memory of {self.size}")
        return memoryview(self._map)[start:start + length]

    def close(self) -> None:
        """Gives the descriptor back; memory goes when the last view of it does."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
