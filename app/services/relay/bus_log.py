"""Rooms' logs on the bus: what each relay takes is in one log for all, in one order, until all have it.

Owns: appending, reading, trimming, beginning a log anew, each as one step on the Redis server. Refuses: judging envelopes: every relay
does that itself with what it reads here.

A relay takes an envelope, appends it to the room's log, writes it to its own disk and then acknowledges it. Appending is refused to what
was judged without knowing the newest: a place that is taken, or members that have changed. So what is acknowledged by one is with all,
also when that one is gone, and two relays cannot contradict each other.

Positions count from the beginning of a log, also of what was trimmed away. A log has a name, so that positions in one are never taken for
positions in another: the server may have lost its content.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from app.services.relay.bus import PREFIX, Bus, News, channel
from app.services.relay.store import Row
from editor_core.sync.envelope import header_of

READ = 200
"""Most envelopes read at once."""
_OPEN = """
redis.call('HSETNX', KEYS[2], 'log', ARGV[1])
return {redis.call('HGETALL', KEYS[2]), redis.call('LLEN', KEYS[1])}
"""
_AFTER = """
local trimmed = tonumber(redis.call('HGET', KEYS[2], 'trimmed') or '0')
if redis.call('HGET', KEYS[2], 'log') ~= ARGV[1] or tonumber(ARGV[2]) < trimmed then return false end
local first = tonumber(ARGV[2]) - trimmed
return redis.call('LRANGE', KEYS[1], first, first + tonumber(ARGV[3]) - 1)
"""
_APPEND = """
local log, have = KEYS[1], KEYS[2]
if redis.call('HGET', have, 'log') ~= ARGV[6] then return -1 end
local trimmed = tonumber(redis.call('HGET', have, 'trimmed') or '0')
if tonumber(redis.call('HGET', have, 'statements') or '0') ~= tonumber(ARGV[2]) then return -1 end
if ARGV[3] ~= '' and trimmed + redis.call('LLEN', log) ~= tonumber(ARGV[3]) then return -1 end
local seen, statements, bytes = {}, 0, 0
for i = 7, #ARGV, 3 do
  local known = seen[ARGV[i]] or tonumber(redis.call('HGET', have, ARGV[i]) or '0')
  if known >= tonumber(ARGV[i + 1]) then return -1 end
  seen[ARGV[i]] = tonumber(ARGV[i + 1])
end
for i = 7, #ARGV, 3 do
  redis.call('RPUSH', log, ARGV[1] .. ARGV[i + 2])
  redis.call('HSET', have, ARGV[i], ARGV[i + 1])
  bytes = bytes + string.len(ARGV[i + 2]) + 8
  if string.sub(ARGV[i], 1, 8) == 'members:' then statements = statements + 1 end
end
redis.call('HINCRBY', have, 'bytes', bytes)
if statements > 0 then redis.call('HINCRBY', have, 'statements', statements) end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return trimmed + redis.call('LLEN', log)
"""
_TOOK = """
local log, have, taken = KEYS[1], KEYS[2], KEYS[3]
if redis.call('HGET', have, 'log') ~= ARGV[1] then return {-1, 0, 0} end
redis.call('HSET', taken, ARGV[2], ARGV[3])
local trimmed, least = tonumber(redis.call('HGET', have, 'trimmed') or '0'), tonumber(ARGV[3])
local bytes = tonumber(redis.call('HGET', have, 'bytes') or '0')
if redis.call('LLEN', log) >= tonumber(ARGV[4]) or bytes >= tonumber(ARGV[5]) then
  local all, present = redis.call('LLEN', log) >= tonumber(ARGV[6]) or bytes >= tonumber(ARGV[7]), tonumber(ARGV[8])
  for i = 9, #ARGV do
    if i < 9 + present or not all then least = math.min(least, tonumber(redis.call('HGET', taken, ARGV[i]) or '0')) end
  end
  local gone, away = 0, 0
  while trimmed < least and away < 1000 and gone < 16777216 do
    local row = redis.call('LPOP', log)
    if not row then break end
    trimmed, away, gone = trimmed + 1, away + 1, gone + string.len(row)
  end
  if away > 0 then
    redis.call('HSET', have, 'trimmed', trimmed)
    bytes = redis.call('HINCRBY', have, 'bytes', -gone)
  end
end
return {trimmed, redis.call('LLEN', log), bytes}
"""
_ANEW = """
if redis.call('HGET', KEYS[2], 'log') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return redis.call('HSET', KEYS[2], 'log', ARGV[2])
"""
_KEEP = """
if redis.call('HGET', KEYS[2], 'log') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
local statements, bytes = 0, 0
for i = 6, #ARGV, 3 do
  redis.call('RPUSH', KEYS[1], ARGV[3] .. ARGV[i + 2])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  statements, bytes = statements + 1, bytes + string.len(ARGV[i + 2]) + 8
end
redis.call('HSET', KEYS[2], 'log', ARGV[2], 'statements', statements, 'bytes', bytes)
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
"""


class Bounds(NamedTuple):
    """Of a log, in envelopes and in bytes: from where on it is trimmed of what all relays have, and from where on without waiting for
    relays that are away."""

    trim: tuple[int, int] = (500, 4 * 2**20)
    most: tuple[int, int] = (5_000, 32 * 2**20)


class Opened(NamedTuple):
    """A log as it is: its name, the highest sequences in it by document and session, how many statements of the members there are, where
    it ends, and how much of its beginning was trimmed away."""

    name: bytes
    have: dict[str, dict[int, int]]
    statements: int
    length: int
    trimmed: int


class Trimmed(Exception):
    """What was to be read is in the log no more."""


class BusLogs:
    """The logs of all rooms. Everything raises BusTrouble."""

    def __init__(self, bus: Bus, bounds: Bounds | None = None) -> None:
        self._bus = bus
        self._bounds = bounds or Bounds()
        register = bus.redis.register_script
        self._open, self._after, self._append = register(_OPEN), register(_AFTER), register(_APPEND)
        self._took, self._anew, self._keep = register(_TOOK), register(_ANEW), register(_KEEP)

    async def open(self, room: bytes) -> Opened:
        """A room's log; there is one from now on."""
        told, length = await self._bus.ask(self._open(keys=_keys(room)[:2], args=[secrets.token_bytes(8)]))
        fields = dict(zip(told[::2], told[1::2], strict=True))
        name, statements, trimmed, _ = (fields.pop(one, b"0") for one in (b"log", b"statements", b"trimmed", b"bytes"))
        found: dict[str, dict[int, int]] = {}
        for field, sequence in fields.items():
            document, _, session = field.decode().partition(":")
            found.setdefault(document, {})[int(session)] = int(sequence)
        return Opened(name, found, int(statements), int(length) + int(trimmed), int(trimmed))

    async def after(self, room: bytes, name: bytes, position: int) -> list[tuple[bool, bytes]]:
        """Some of what follows a position: whether this relay appended it, and the envelope. Raises Trimmed."""
        rows = await self._bus.ask(self._after(keys=_keys(room)[:2], args=[name, position, READ]))
        if rows is None:
            raise Trimmed
        return [(row[:8] == self._bus.me, row[8:]) for row in rows]

    async def append(self, room: bytes, name: bytes, rows: Sequence[Row], statements: int, length: int) -> int:
        """Appends envelopes, all or none; where the log ends then, or -1 where somebody else was faster. `statements` are those of the
        members that this relay knew when it judged, `length` up to where it has read."""
        told = msgspec.msgpack.encode(News("log", self._bus.me))
        whole = str(length) if any(row.document == "members" for row in rows) else ""
        given: list[Any] = [self._bus.me, statements, whole, channel(room), told, name]
        for row in rows:
            given += [f"{row.document}:{row.session}", row.sequence, row.body]
        return int(await self._bus.ask(self._append(keys=_keys(room)[:2], args=given)))

    async def took(self, room: bytes, name: bytes, position: int, present: Sequence[str], away: Sequence[str]) -> bool:
        """Says that this relay has everything up to a position on its disk, and trims what all have; True where much stays because
        others lack it. `present` and `away` are the names of the other relays that are waited for, `away` of those that are not there."""
        trim, most = self._bounds
        given: list[Any] = [name, self._bus.name, position, *trim, *most, len(present), *present, *away]
        last = -1
        while True:
            trimmed, length, size = await self._bus.ask(self._took(keys=_keys(room), args=given))
            if trimmed < 0 or not (length >= trim[0] or size >= trim[1]):
                return False
            if trimmed == last:
                return bool(trimmed < position)
            last = trimmed

    async def begin_anew(self, room: bytes, name: bytes) -> None:
        """Another log in the place of one of which nobody has what was trimmed away; whoever has something gives it again."""
        await self._bus.ask(self._anew(keys=_keys(room), args=[name, secrets.token_bytes(8)]))

    async def keep_statements(self, room: bytes, name: bytes, statements: Sequence[bytes]) -> bytes:
        """Another log in the place of one, with nothing in it but these statements about the members; its name, empty where somebody else
        has put another there."""
        made = secrets.token_bytes(8)
        given: list[Any] = [name, made, self._bus.me, channel(room), msgspec.msgpack.encode(News("log", self._bus.me))]
        for raw in statements:
            head = header_of(raw)
            given += [f"{head.document}:{head.session}", head.sequence, raw]
        return made if await self._bus.ask(self._keep(keys=_keys(room), args=given)) else b""

    async def note_moved(self, room: bytes) -> None:
        """A room goes on in another: relays that are away learn it when they come back."""
        await self._bus.ask(self._bus.redis.sadd(f"{PREFIX}moved", room))

    async def moved(self) -> list[bytes]:
        """Rooms that go on in others."""
        return list(await self._bus.ask(self._bus.redis.smembers(f"{PREFIX}moved")))


def _keys(room: bytes) -> list[str]:
    return [f"{PREFIX}{kind}:{{{room.hex()}}}" for kind in ("log", "have", "taken")]
