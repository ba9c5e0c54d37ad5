"""Links that invite into a room.

Owns: their form, `proeditor://HOST:PORT/ROOM?role=editor#SECRET` (`proeditors:` where the relay speaks TLS, `proeditor-lan:///ROOM…` for a
room that is found on the local network, `proeditor-iroh://TICKET/ROOM…` for a relay that is found by its key), `proeditor-plain://HOST:PORT/ROOM`
of plain rooms, and spans of time in words.
Refuses: sending the secret anywhere: what stands behind `#` stays with whoever holds the link.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from app.services.errors import AppError
from editor_core.sync.members import ROLES, Role

SECRET = 16
"""Bytes of an invite's secret."""
LAN = "lan:"
"""The address of rooms that are found on the local network."""
PLAIN = "plain+ws://"
"""How addresses of plain rooms begin."""
_PLAIN_LINK = "proeditor-plain"
_IROH = "iroh:"
_SCHEMES = ("proeditor", "proeditors", "proeditor-lan", "proeditor-iroh")
_TICKET = re.compile(r"^[a-z0-9]{20,1000}$")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SIZE = re.compile(r"^(\d{1,12}(?:\.\d{1,3})?)([KMG]?)I?B?$")
_SPAN = re.compile(r"^(\d{1,6}(?:\.\d{1,3})?)(ms|[smhdw])$")


class Link(NamedTuple):
    """What a link says. `relay` is a WebSocket address without a path, or `LAN`."""

    relay: str
    room: bytes
    role: Role
    secret: bytes


class PlainLink(NamedTuple):
    """What a link to a plain room says. `relay` begins with `PLAIN`; whoever knows `room` may write in it."""

    relay: str
    room: bytes


def format_plain(link: PlainLink) -> str:
    """The link as text."""
    return f"{_PLAIN_LINK}://{link.relay.removeprefix(PLAIN)}/{link.room.hex()}"


def is_plain(text: str) -> bool:
    """Whether a link is one to a plain room."""
    return text.strip().startswith(f"{_PLAIN_LINK}:")


def parse_plain(text: str) -> PlainLink:
    """What a link to a plain room says. Raises AppError."""
    try:
        parts = urlsplit(text.strip())
        host = _host(parts.hostname, parts.port)
        room = bytes.fromhex(parts.path.strip("/"))
    except ValueError:
        room = b""
    if len(room) != 16 or parts.scheme != _PLAIN_LINK:
        raise AppError("That is not a link to a plain room; copy it whole")
    return PlainLink(PLAIN + host, room)


def format_link(link: Link) -> str:
    """The link as text."""
    scheme, _, host = link.relay.partition("://")
    secret = base64.urlsafe_b64encode(link.secret).decode().rstrip("=")
    if link.relay.startswith(_IROH):
        return f"proeditor-iroh://{link.relay.removeprefix(_IROH)}/{link.room.hex()}?role={link.role}#{secret}"
    begin = {"wss": f"proeditors://{host}", LAN: "proeditor-lan://"}.get(scheme, f"proeditor://{host}")
    return f"{begin}/{link.room.hex()}?role={link.role}#{secret}"


def parse_link(text: str) -> Link:
    """What a link says. Raises AppError."""
    wrong = AppError("That is not a link to a ProEditor room; copy it whole, with everything behind the #")
    try:
        parts = urlsplit(text.strip())
        host = "" if parts.scheme == "proeditor-lan" else _host(parts.hostname, parts.port)
        room = bytes.fromhex(parts.path.strip("/"))
        if parts.scheme == "proeditor-iroh" and not _TICKET.match(host):
            raise ValueError
        secret = base64.urlsafe_b64decode(parts.fragment + "=" * (-len(parts.fragment) % 4))
    except ValueError:
        raise wrong from None
    role = parse_qs(parts.query).get("role", ["editor"])[0]
    if parts.scheme not in _SCHEMES or len(room) != 32 or len(secret) != SECRET or role not in ROLES:
        raise wrong
    if parts.scheme == "proeditor-iroh":
        return Link(_IROH + host, room, next(r for r in ROLES if r == role), secret)
    scheme = "wss" if parts.scheme == "proeditors" else "ws"
    return Link(f"{scheme}://{host}" if host else LAN, room, next(r for r in ROLES if r == role), secret)


def parse_relay(text: str) -> str:
    """A relay's address in one form. Raises AppError."""
    if text.strip().startswith(_IROH) and _TICKET.match(text.strip().removeprefix(_IROH)):
        return text.strip()
    try:
        parts = urlsplit(text.strip() if "://" in text else f"ws://{text.strip()}")
        host = _host(parts.hostname, parts.port)
    except ValueError:
        host = ""
    else:
        if parts.scheme in ("ws", "wss") and parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username):
            return f"{parts.scheme}://{host}"
    raise AppError(f"{text!r} is not a relay's address; write ws://HOST:PORT or wss://HOST:PORT, as `proeditor relay` prints it")


def _host(name: str | None, port: int | None) -> str:
    if not name:
        raise ValueError
    shown = f"[{name}]" if ":" in name else name
    return f"{shown}:{port}" if port else shown


def seconds(text: str) -> float:
    """A span of time, `10s`, `90m`, `12h`, `7d`, in seconds. Raises AppError."""
    match = _SPAN.match(text.strip().lower())
    if match is None:
        raise AppError(f"{text!r} is not a span of time; write 10s, 90m, 12h or 7d")
    number, unit = float(match[1]), match[2]
    return number / 1000 if unit == "ms" else number * _UNITS[unit]


def lasting(text: str) -> float:
    """How long something is valid, in seconds, 0 for `never`. A span of no length is refused, so that it is not taken for no end.
    Raises AppError."""
    if text.strip().lower() == "never":
        return 0.0
    span = seconds(text)
    if not span:
        raise AppError(f"{text!r} would be over at once; write 10m, 12h, 7d, or never for no end")
    return span


def size(text: str) -> float:
    """A number of bytes, `500K`, `5M`, `1.5G` or plain. Raises AppError."""
    match = _SIZE.match(text.strip().upper())
    if match is None:
        raise AppError(f"{text!r} is not a size; write 500K, 5M or 1G")
    return float(match[1]) * 1024 ** ("KMG".index(match[2]) + 1 if match[2] else 0)
