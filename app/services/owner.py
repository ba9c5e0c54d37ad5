"""The owner's local socket: commands from other processes of the same person, run by the process that holds the project.

Owns: the listening socket, its token, the message form (one JSON document a line), the client. Refuses: anything off this
machine; requests without the token; messages over 16 MiB. The address is `unix:PATH#TOKEN` or `tcp:127.0.0.1:PORT#TOKEN`.

An owner that lets go of the project tells whoever is connected (`leaving`): what was asked and not answered until then was not done, and
can be done by whoever holds the project next.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, BinaryIO

from app.services.errors import AppError

log = logging.getLogger(__name__)
MAX_MESSAGE = 16 * 1024 * 1024
Serve = Callable[[dict[str, Any]], Any]
"""Answers one request with plain JSON values; raising gives the caller the message."""


class OwnerError(AppError):
    """The owner refused, or could not be reached."""


class OwnerLeft(OwnerError):
    """The owner let go of the project, and did not do what it was asked last."""

    def __init__(self) -> None:
        super().__init__("The program that had the project open has just closed it; try again")


_LEAVING = {"leaving": True}


class OwnerSocket:
    """Listens for other processes; `serve` is called on a thread of this object and must hand over to the document's thread. What is
    cancelled there counts as not done."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._lines: set[socket.socket] = set()
        self._answering = 0
        self._lock = threading.Lock()
        self._token = secrets.token_urlsafe(24)
        self._folder: Path | None = None
        self._listener, where = self._listen()
        self.address = f"{where}#{self._token}"
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="owner-socket", daemon=True)
        self._thread.start()

    def _listen(self) -> tuple[socket.socket, str]:
        if hasattr(socket, "AF_UNIX"):
            folder = Path(tempfile.mkdtemp(prefix="proeditor-"))
            self._folder = folder
            path = folder / "door"
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(path))
            path.chmod(0o600)
            where = f"unix:{path}"
        else:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.bind(("127.0.0.1", 0))
            where = f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        listener.listen(8)
        listener.settimeout(0.5)
        return listener, where

    def _accept(self) -> None:
        """Until closed; who came in the last moment is told so."""
        with self._listener:
            while True:
                try:
                    connection, _ = self._listener.accept()
                except (TimeoutError, BlockingIOError):
                    if self._closing.is_set():
                        return
                    continue
                except OSError:
                    return
                if self._closing.is_set():
                    self._listener.setblocking(False)
                threading.Thread(target=self._talk, args=(connection,), name="owner-request", daemon=True).start()

    def _wake(self) -> None:
        where = self._listener.getsockname()
        with contextlib.suppress(OSError), socket.socket(self._listener.family, socket.SOCK_STREAM) as other:
            other.settimeout(0.2)
            other.connect(where)

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(None)
            with self._lock:
                self._lines.add(connection)
            try:
                while self._exchange(connection, lines):
                    pass
            except OSError:
                return
            finally:
                with self._lock:
                    self._lines.discard(connection)

    def _exchange(self, connection: socket.socket, lines: BinaryIO) -> bool:
        """A request and its answer; False where there are no more."""
        line = b"" if self._closing.is_set() else lines.readline(MAX_MESSAGE + 1)
        with self._lock:
            leaving = self._closing.is_set()
            self._answering += not leaving
        if leaving:
            connection.sendall(json.dumps(_LEAVING).encode() + b"\n")
            return False
        try:
            if not line or len(line) > MAX_MESSAGE:
                return False
            connection.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        finally:
            with self._lock:
                self._answering -= 1
        return True

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            token = request.pop("token", "") if isinstance(request, dict) else ""
        except (ValueError, RecursionError):
            return {"error": "not a request"}
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), self._token.encode()):
            return {"error": "not allowed"}
        try:
            return {"result": self._serve(request)}
        except CancelledError:
            return _LEAVING
        except Exception as error:
            log.info("a request of another process was refused", exc_info=True)
            return {"error": str(error) or type(error).__name__}

    def close(self, within: float = 0.0) -> None:
        """Ends; waits so many seconds for answers that are on their way."""
        with self._lock:
            self._closing.set()
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RD)
        with contextlib.suppress(OSError):
            self._wake()
        until = time.monotonic() + within
        while self._answering and time.monotonic() < until:
            time.sleep(0.005)
        self._thread.join(2)
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / "door").unlink()
                self._folder.rmdir()


class OwnerClient:
    """Talks to the process that holds a project. Raises OwnerError when it cannot be reached or refuses."""

    def __init__(self, address: str, timeout: float = 120.0) -> None:
        where, _, self._token = address.rpartition("#")
        kind, _, rest = where.partition(":")
        try:
            if kind == "unix" and hasattr(socket, "AF_UNIX"):
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.settimeout(timeout)
                self._socket.connect(rest)
            elif kind == "tcp" and rest.startswith("127.0.0.1:"):
                self._socket = socket.create_connection(("127.0.0.1", int(rest.rpartition(":")[2])), timeout)
            else:
                raise OwnerError("The project is open in another process that takes no commands; close it there first")
        except (OSError, ValueError) as error:
            raise OwnerError(f"The project is open in another process that does not answer ({error}); close it there first") from None
        self._lines = self._socket.makefile("rb")

    def ask(self, request: dict[str, Any]) -> Any:
        """The answer to one request."""
        try:
            with contextlib.suppress(BrokenPipeError):  # then it says why
                self._socket.sendall(json.dumps({**request, "token": self._token}).encode() + b"\n")
            line = self._lines.readline(MAX_MESSAGE + 1)
            answer = json.loads(line)
        except (OSError, ValueError):
            raise OwnerError("The program that has the project open stopped answering; try again") from None
        if "leaving" in answer:
            raise OwnerLeft
        if "error" in answer:
            raise OwnerError(str(answer["error"]))
        return answer.get("result")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._lines.close()
            self._socket.close()


def process_name() -> str:
    """How this process is named to others that find the project in use."""
    return f"process {os.getpid()}"
