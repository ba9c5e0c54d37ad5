"""The owner's local socket: commands from other processes of the same person, run by the process that holds the project.

Owns: the listening socket, its token, the message form (one JSON document a line), the client. Refuses: anything off this
machine; requests without the token; messages over 16 MiB. The address is `unix:PATH#TOKEN` or `tcp:127.0.0.1:PORT#TOKEN`.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.services.errors import AppError

log = logging.getLogger(__name__)
MAX_MESSAGE = 16 * 1024 * 1024
Serve = Callable[[dict[str, Any]], Any]
"""Answers one request with plain JSON values; raising gives the caller the message."""


class OwnerError(AppError):
    """The owner refused, or could not be reached."""


class OwnerSocket:
    """Listens for other processes; `serve` is called on a thread of this object and must hand over to the document's thread."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
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
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), name="owner-request", daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(None)
            while not self._closing.is_set():
                try:
                    line = lines.readline(MAX_MESSAGE + 1)
                    if not line or len(line) > MAX_MESSAGE:
                        return
                    connection.sendall(json.dumps(self._answer(line)).encode() + b"\n")
                except OSError:
                    return

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
        except Exception as error:
            log.info("a request of another process was refused", exc_info=True)
            return {"error": str(error) or type(error).__name__}

    def close(self) -> None:
        self._closing.set()
        self._listener.close()
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
            self._socket.sendall(json.dumps({**request, "token": self._token}).encode() + b"\n")
            line = self._lines.readline(MAX_MESSAGE + 1)
            answer = json.loads(line)
        except (OSError, ValueError):
            raise OwnerError("The window that holds the project stopped answering; try again") from None
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
