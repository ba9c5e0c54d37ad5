"""Looking at received updates on a scratch copy, before they touch anything that is kept.

Owns: the checks of an update's content, and the ChangeSets that a journal update holds. Refuses: applying to a project (see
`merging`), signatures and roles (see `envelope`, `members`).

Native code sees received bytes here first; a panic of it is a BaseException and becomes a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pycrdt import Doc, Map

from editor_core.document import NOBODY, ChangeSet, Stamp
from editor_core.document.change_set import decode
from editor_core.sync.envelope import EnvelopeRefused
from editor_core.sync.errors import UNDECODABLE, UpdateRefused
from editor_core.sync.packing import MAX_CHANGE, unpack_raw
from editor_core.sync.parcel import seal, unseal
from editor_core.sync.shape import check_shape

UNPACKED = 20
"""So many times as long as an update, and `MAX_CHANGE` more, its changes may be when unpacked; honest ones are three to ten times."""
FIRST_COMMAND = "project.new"
"""The command of the change that makes a project; it is no line of history."""


def changes_in(journal: bytes) -> list[ChangeSet]:
    """The ChangeSets that a journal update brings, by stamp. Raises EnvelopeRefused for anything but an update with whole ones."""
    doc: Doc[Any] = Doc(allow_multithreading=True)
    entries: Map[Any] = doc.get("entries", type=Map)
    _try(doc, journal)
    if set(doc.keys()) != {"entries"} or not len(entries):
        raise EnvelopeRefused("an update of the journal brings no change, or something else")
    found: dict[Stamp, ChangeSet] = {}
    left = MAX_CHANGE + UNPACKED * len(journal)
    for key, packed in dict(entries.items()).items():
        stamp = _stamp(key)
        if stamp is None or not isinstance(packed, (bytes, bytearray)):
            raise EnvelopeRefused("an update of the journal holds something that is not a change")
        try:
            raw = unpack_raw(bytes(packed))
            left -= len(raw)
            if left < 0:
                raise EnvelopeRefused("an update of the journal unpacks to much more than it is long")
            change = decode(raw)
        except UpdateRefused as error:
            raise EnvelopeRefused(str(error), offence=False) from None
        except UNDECODABLE as error:
            raise EnvelopeRefused(f"a change cannot be read by this version: {error}", offence=False) from None
        if change.stamp != stamp or change.kind == "merge":
            raise EnvelopeRefused("an update of the journal holds a change under a name that is not its own")
        found[stamp] = change
    return [change for _, change in sorted(found.items()) if change.command != FIRST_COMMAND]


def check_timeline(update: bytes) -> None:
    """Raises EnvelopeRefused for bytes that are not an update of the `timeline` document."""
    _try(Doc(allow_multithreading=True), update)


def _try(doc: Doc[Any], update: bytes) -> None:
    if not update:
        return
    try:
        unseal(seal(update, b""))
        check_shape(update)
        doc.apply_update(update)
    except UpdateRefused as error:
        raise EnvelopeRefused(str(error)) from None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise EnvelopeRefused(f"an update cannot be decoded: {error}") from None


def needs(change: ChangeSet) -> tuple[Stamp, ...]:
    """What its author knew last: these must be known before it."""
    if change.after:
        return tuple(stamp for stamp in change.after if stamp != NOBODY)
    return (Stamp(change.stamp.session, change.stamp.counter - 1),) if change.stamp.counter > 1 else ()


def in_order(changes: Iterable[ChangeSet], known: Mapping[Stamp, object] | Iterable[Stamp]) -> tuple[list[ChangeSet], list[ChangeSet]]:
    """(those that can be taken, each after all that it needs; those that wait for something that is not here)."""
    have = set(known)
    waiting = {change.stamp: change for change in changes if change.stamp not in have}
    users: dict[Stamp, list[Stamp]] = {}
    lacking: dict[Stamp, int] = {}
    for stamp, change in waiting.items():
        wanted = {one for one in needs(change) if one not in have}
        lacking[stamp] = len(wanted)
        for one in wanted:
            users.setdefault(one, []).append(stamp)
    ready = sorted((stamp for stamp, count in lacking.items() if not count), reverse=True)
    order: list[ChangeSet] = []
    while ready:
        stamp = ready.pop()
        order.append(waiting.pop(stamp))
        for user in users.get(stamp, ()):
            lacking[user] -= 1
            if not lacking[user]:
                ready.append(user)
    return order, list(waiting.values())


def stamps_of(changes: Sequence[ChangeSet]) -> tuple[Stamp, ...]:
    """Their stamps."""
    return tuple(change.stamp for change in changes)


def _stamp(key: str) -> Stamp | None:
    session, _, counter = key.partition(":")
    if len(key) > 40 or not (session.isdecimal() and counter.isdecimal()):
        return None
    return Stamp(int(session), int(counter))
