"""What was found on opening, in words for people.

Owns: the problems that damage, newer versions and unreadable records amount to. Refuses: finding them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from editor_core.document import Entry
from editor_core.storage.problems import Problem, ProblemKind
from editor_core.storage.recovery import Gap, Recovered
from editor_core.sync import Unreadable

_NAMED = 5
_MOST = 50


def _problem(kind: ProblemKind, message: str, fix: str, records: tuple[str, ...] = ()) -> Problem:
    return Problem(kind=kind, message=message, fix=fix, time=int(time.time() * 1000), records=records)


def damage(path: Path, state: Recovered, gaps: Sequence[Gap], aside: Path | None, *, places: bool) -> list[Problem]:
    """What damage did.

    `gaps` are those not told before; `aside` is where the damaged file is kept, None if it was left alone; `places` is False
    when the places of media, or problems told before, may be incomplete.
    """
    kept = f"The damaged file is kept as {aside.name}" if aside is not None else f"{path.name} was not touched"
    found: list[Problem] = []
    if state.lost is not None:
        first, last = state.lost
        count = last - first + 1
        what = "The last change" if count == 1 else f"The last {count} changes"
        found.append(_problem(
            "damage", f"{path.name} was damaged. {what} could not be recovered{_names(state.lost_lines)}; "
                      f"the film is as it was after {_last(state)}",
            f"{kept}; make the changes again, or open a copy or backup of the project"))
    for first, last in gaps:
        if last < first:
            found.append(_problem("damage", f"The history of {path.name} was altered before step {first}; the film itself is complete",
                                  f"{kept}; nothing needs to be done"))
            continue
        steps = f"step {first}" if first == last else f"steps {first} to {last}"
        found.append(_problem("damage", f"{path.name} was damaged. The film is complete, but {steps} of its history cannot be read "
                                        "any more and cannot be undone", f"{kept}; nothing needs to be done"))
    if not places:
        found.append(_problem("damage", f"{path.name} was damaged, and where some media lie on this computer may have been forgotten",
                              f"{kept}; find media that are shown as missing again"))
    if not found:
        found.append(_problem("damage", f"{path.name} was damaged in places that could be made good; no change of the film was lost",
                              f"{kept}; nothing needs to be done, but look after the disk"))
    return found


def _names(lines: Sequence[Entry]) -> str:
    if not lines:
        return ""
    shown = ", ".join(f"“{line.label}”" for line in lines[:_NAMED])
    return f" ({shown}{' …' if len(lines) > _NAMED else ''})"


def _last(state: Recovered) -> str:
    line = state.lines.get(state.sequence)
    when = f", {time.strftime('%d %B, %H:%M', time.localtime(line.time / 1000))}" if line is not None else ""
    return f"“{line.label}”{when}" if line is not None else f"step {state.sequence}"


def unmended(path: Path, reason: str) -> Problem:
    """A damaged file that could not be put right where it lies."""
    return _problem("place", f"{path.name} is damaged and could not be mended where it is: {reason}. It is open read-only",
                    "Make room or choose another folder, then copy the project there and open the copy")


def newer_major(path: Path, version: tuple[int, int]) -> Problem:
    """A file of a newer format."""
    return _problem("newer", f"{path.name} was made by a newer version of ProEditor (format {version[0]}.{version[1]}). It is open "
                             "read-only, and nothing in it will be changed; parts of it may not be shown", "Update ProEditor to edit it")


def newer_damaged(path: Path) -> Problem:
    """A damaged file of a newer minor version, which this one must not mend."""
    return _problem("newer", f"{path.name} is damaged and was made by a newer version of ProEditor, so this one does not mend it. "
                             "It is open read-only", "Update ProEditor and open it again")


def unreadable(parts: Sequence[Unreadable]) -> list[Problem]:
    """Records and fields that are kept as they are, without being shown."""
    found: list[Problem] = []
    for part in parts[:_MOST]:
        what = f"{part.kind or 'record'} {part.id[:60]}"
        if part.field:
            message, fix = f"Of {what}, {part.reason}. The value is kept and not shown", "Update ProEditor to see and edit it"
        else:
            message, fix = f"The {what} cannot be read: {part.reason}. It is kept and not shown", "Update ProEditor to see it"
        found.append(_problem("unreadable", message, fix, (part.id,)))
    if len(parts) > _MOST:
        found.append(_problem("unreadable", f"{len(parts) - _MOST} more parts of the project cannot be read; they are kept",
                              "Update ProEditor to see them"))
    return found
