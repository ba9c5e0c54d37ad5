"""Finding things by a few letters.

Owns: the score of a name for what was typed, and which letters matched. Refuses: Qt, and where names come from.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """One thing that can be found. `kind` is command, clip, marker, media or time; `reason` says why it cannot be used now."""

    key: str
    title: str
    group: str
    kind: str = "command"
    shortcut: str = ""
    reason: str = ""
    words: str = ""
    icon: str = ""
    folded: str = field(default="", compare=False)


def entry(key: str, title: str, group: str, **more: str) -> Entry:
    """An Entry with its letters folded once, so that typing only compares."""
    made = Entry(key, title, group, **more)
    return Entry(key, title, group, made.kind, made.shortcut, made.reason, made.words, made.icon, title.casefold())


def score(typed: str, folded: str) -> tuple[float, tuple[int, ...]] | None:
    """How well folded letters fit a folded name, and where they are; None when they do not.

    Letters must come in order, whole words may come in another. Beginnings of words and runs count most; short names win ties.
    """
    if not typed:
        return 0.0, ()
    at = folded.find(typed)
    if at >= 0:
        begin = at == 0 or not folded[at - 1].isalnum()
        return 100.0 + (40.0 if begin else 0.0) + (20.0 if at == 0 else 0.0) - len(folded) * 0.1, tuple(range(at, at + len(typed)))
    places: list[int] = []
    total, here = 0.0, 0
    for letter in typed:
        if letter == " ":
            continue
        spot = _next(folded, letter, here)
        if spot < 0:
            return _words(typed, folded)
        start = spot == 0 or not folded[spot - 1].isalnum()
        follows = bool(places) and spot == places[-1] + 1
        total += 8.0 if start else 5.0 if follows else 1.0
        places.append(spot)
        here = spot + 1
    gap = places[-1] - places[0] + 1 - len(places)
    worth = total - gap * 0.35 - len(folded) * 0.05
    return (worth, tuple(places)) if worth > len(places) * 0.9 else _words(typed, folded)


def _words(typed: str, folded: str) -> tuple[float, tuple[int, ...]] | None:
    """The score of words that are all there, in whatever order: `comments marker` for `Make markers of comments`."""
    words = typed.split()
    spots = [folded.find(word) for word in words]
    if len(words) < 2 or min(spots) < 0:
        return None
    begins = sum(spot == 0 or not folded[spot - 1].isalnum() for spot in spots)
    places = {n for spot, word in zip(spots, words, strict=True) for n in range(spot, spot + len(word))}
    return 60.0 + 20.0 * begins / len(words) - len(folded) * 0.1, tuple(sorted(places))


def _next(folded: str, letter: str, here: int) -> int:
    """The next place of a letter; the beginning of a word is preferred to the middle of one."""
    first = folded.find(letter, here)
    if first < 0 or first == here:
        return first
    spot = folded.find(" " + letter, max(0, here - 1))
    return spot + 1 if spot >= 0 else first


def find(typed: str, entries: Iterable[Entry], recent: tuple[str, ...] = (), most: int = 60) -> list[tuple[Entry, tuple[int, ...]]]:
    """The best entries with the places of matched letters. Recent ones first; what cannot be used now comes later."""
    words = " ".join(typed.casefold().split())
    rank = {key: len(recent) - n for n, key in enumerate(recent)}
    found: list[tuple[float, int, Entry, tuple[int, ...]]] = []
    for number, one in enumerate(entries):
        hit = score(words, one.folded)
        if hit is None and one.words:
            other = score(words, one.words.casefold())
            hit = (other[0] * 0.4, ()) if other is not None and other[0] >= 60 else None
        if hit is None:
            continue
        worth = hit[0] + min(12, rank.get(one.key, 0) * 2) - (15.0 if one.reason else 0.0) - (6.0 if one.kind != "command" else 0.0)
        found.append((worth, -number, one, hit[1]))
    return [(one, places) for _, _, one, places in heapq.nlargest(most, found, key=lambda row: row[:2])]
