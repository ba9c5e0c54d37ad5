"""Others in a shared project, as the window shows them.

Owns: `Person`, initials, colours, words for what somebody does. Refuses: networks; painting.
"""

from __future__ import annotations

from dataclasses import dataclass

from editor_core.document import Snapshot
from editor_core.schema import Clip, Track
from editor_core.sync.presence import Ghost

PEERS = ("peer-rose", "peer-teal", "peer-violet", "peer-orange", "peer-lime", "peer-orchid", "peer-sand", "peer-brick")
"""Colour tokens, in order of assignment."""
ON_PICTURE = ("placing", "scaling", "turning")
"""What is done to a selected clip with the pointer on the picture."""


@dataclass(frozen=True)
class Person:
    """A session of somebody else. Times in ticks; `playhead` is None while it is hidden or not known; `colour` an index into PEERS.
    `left` and `right` is the stretch of time that they see, `pointer` and `row` where their pointer is, None for nowhere;
    `spot` is where it is on the film's picture, in shares of its width and height, None for nowhere."""

    session: int
    key: bytes
    name: str
    initials: str
    colour: int
    role: str
    panel: str = ""
    playhead: int | None = None
    playing: bool = False
    left: int = 0
    right: int = 0
    selection: tuple[str, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    dragged: int = 0
    doing: str = ""
    pointer: int | None = None
    row: str = ""
    spot: tuple[float, float] | None = None
    cut: bytes = b""
    knows: bytes = b""
    parts: bytes = b""
    waiting: int = 0
    held: bool = False
    heard: float = 0.0

    @property
    def token(self) -> str:
        """The token of their colour."""
        return PEERS[self.colour % len(PEERS)]


def initials_of(name: str) -> str:
    """Two letters at most: of the first and the last word, or the first two of the only one."""
    words = [word for word in name.replace("_", " ").replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()


def activity(person: Person, view: Snapshot) -> str:
    """What somebody does, in a few words that can stand after their name."""
    if person.doing and person.ghosts:
        clip = view.find(Clip, person.ghosts[0].clip)
        track = view.find(Track, person.ghosts[0].track)
        more = f" and {person.dragged - 1} more" if person.dragged > 1 else ""
        place = f" on {view.track_label(track)}" if track is not None else ""
        return f"{person.doing} {title_of(clip)}{more}{place}" if clip is not None else person.doing
    if person.doing in ON_PICTURE and person.selection:
        return f"{person.doing} {title_of(view.find(Clip, person.selection[0]))}"
    if person.doing:
        return person.doing
    if person.playhead is None:
        return "cursor hidden"
    if person.playing:
        return "playing"
    return {"timeline": "in the timeline", "media": "in Media", "inspector": "in the inspector", "program": "watching",
            "comments": "reading comments", "people": "here"}.get(person.panel, f"in {person.panel}" if person.panel else "here")


def title_of(clip: Clip | None) -> str:
    """A clip's name in a sentence."""
    if clip is None:
        return "a clip"
    lines = clip.text.strip().splitlines() if clip.kind in ("title", "caption") else []
    return clip.name or (lines[0][:40] if lines else f"a {clip.kind} clip")
