"""What a relay answers before a connection is one: its pages, and whom it does not let in.

Owns: /health, /metrics, the words and numbers of refusals, sending peers on to another relay. Refuses: greetings and all that follows them.
"""

from __future__ import annotations

import http
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from app.services.collab.transport import is_near
from app.services.relay.bus import Bus
from app.services.relay.plain import PlainRooms

MAX_PEERS = 2000
"""Most connections, those that have not greeted yet and media lines among them."""
_ROOM = re.compile(r"room=([0-9a-f]{24})")


class Standing(NamedTuple):
    """What the pages tell of a relay: `trouble` is empty while the disk takes what it is given."""

    trouble: Callable[[], str]
    metrics: Callable[[], str]
    open: Callable[[], int]


class Pages:
    """Answers requests. `near_only` is a relay for those on the local network, for one room and without plain rooms."""

    def __init__(self, standing: Standing, plain: PlainRooms, bus: Bus | None, count: Counter[str], *, near_only: bool) -> None:
        self._standing = standing
        self._plain = plain
        self._bus = bus
        self._count = count
        self._near_only = near_only

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """The answer to a request; None where it may become a connection."""
        if request.path == "/health":
            trouble = self._standing.trouble()
            return _text(503 if trouble else 200, trouble or "ok")
        if request.path == "/metrics":
            return _text(200, self._standing.metrics())
        if self._near_only and not is_near(str(connection.remote_address[0])):
            return _text(403, "This room is for the local network")
        plain = not self._near_only and request.path.startswith("/plain/")
        path, _, query = request.path.partition("?")
        if not plain and path != "/v1":
            return _text(404, "A ProEditor relay. It speaks at /v1, and at /plain/ for plain rooms; see /health and /metrics.")
        if self._standing.open() >= MAX_PEERS:
            return _text(503, "This relay is full")
        refusal = self._plain.refusal(connection, request) if plain else None
        if refusal is not None:
            return _text(*refusal)
        return None if plain or self._bus is None else self._elsewhere(self._bus, query)

    def _elsewhere(self, bus: Bus, query: str) -> Response | None:
        """Sends a peer on to the relay that serves its room; one who was sent here stays."""
        asked = _ROOM.fullmatch(query)
        place = bus.serves(asked[1]) if asked is not None else ""
        if not place or asked is None:
            return None
        self._count["sent_on"] += 1
        answer = _text(307, "This room is served elsewhere")
        answer.headers["Location"] = f"{place}/v1?room={asked[1]}&stay"
        return answer


def _text(status: int, text: str) -> Response:
    body = (text + "\n").encode()
    headers = Headers({"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"})
    return Response(status, http.HTTPStatus(status).phrase, headers, body)
