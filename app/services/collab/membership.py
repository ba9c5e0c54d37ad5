"""Who takes part in a room, in plain values and in lines; whose time is over.

Owns: that list, removing those whose time is over, taking back links. Refuses: granting and removing one by one (see `sharing`).
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Any

from app.services.collab.participant import Participant
from app.services.collab.words import readers
from app.services.errors import AppError
from app.services.roles import may_do as may_do
from editor_core.sync.members import Invite, Members, over

Clock = Callable[[], float]


def members_plain(one: Participant, clock: Clock = time.time) -> dict[str, Any]:
    """The room and everyone in it as JSON values; times are Unix seconds, 0 for no end."""
    members, now = one.members, clock()
    return {
        "room": one.room.id.hex(), "relay": one.room.relay, "name": one.name, "role": one.role, "encrypted": one.encrypted,
        "key": None if not one.encrypted else {"epoch": members.epoch[0] if members.epoch else 0, "here": one.hand() is not None},
        "members": [{"key": m.key.hex(), "role": m.role, "actor": m.actor, "person": m.person, "me": m.key == one.room.key,
                     "maker": m.key == members.maker, "expires": members.until(m.key), "over": over(members.until(m.key), now)}
                    for m in members.present()],
        "invites": [{"key": i.key.hex(), "role": i.role, "expires": i.expires, "over": over(i.expires, now)} for i in members.invites()],
        "removed": [{"key": key.hex(), "actor": members.person(key)[0], "person": members.person(key)[1]} for key in members.removed()]}


def members_lines(found: dict[str, Any]) -> list[str]:
    """The same for people."""
    kind = "encrypted: members alone can read it" if found["encrypted"] else f"not encrypted: {readers(found['relay'])} can read it"
    lines = [f"{found['name']}, {kind}"]
    for one in found["members"]:
        ends = f", {'was' if one['over'] else 'until'} {_day(one['expires'])}" if one["expires"] else ""
        lines.append(f"{one['key'][:12]}  {one['role']:9}  {one['person']}{ends}{'  (you)' if one['me'] else ''}")
    for one in found["invites"]:
        ends = f"{'over since' if one['over'] else 'open until'} {_day(one['expires'])}" if one["expires"] else "open"
        lines.append(f"{one['key'][:12]}  {one['role']:9}  a link, {ends}")
    lines.extend(f"{one['key'][:12]}  removed    {one['person']}" for one in found["removed"])
    if found["encrypted"] and any(one["over"] for one in found["members"]):
        lines.append("Whose time is over is let in no more, but has the key of what is written until an owner's program was connected")
    return lines


def _day(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def time_is_over(members: Members, clock: Clock = time.time) -> list[bytes]:
    """Keys of members whose time is over and who were not removed yet."""
    now = clock()
    return [member.key for member in members.present() if over(members.until(member.key), now)]


def find_invite(members: Members, prefix: str) -> Invite | None:
    """The one open invite whose key begins so, if nobody else is meant. Raises AppError where several begin so."""
    found = [invite for invite in members.invites() if len(prefix) >= 4 and invite.key.hex().startswith(prefix.strip().lower())]
    if len(found) > 1:
        raise AppError(f"{prefix!r} names several links; write more of the key")
    return found[0] if found else None
