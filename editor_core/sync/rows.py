"""What somebody knew of the ripples of a track, by the chains of causality.

Owns: telling that in a few numbers. Refuses: what ripples do (see `reaches`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Mapping

from editor_core.document import Stamp
from editor_core.schema import Ripple
from editor_core.sync.causality import Causality

Knows = Callable[[Stamp], bool]
"""Whether a change is among those considered."""
Acting = frozenset[str]
"""Ids of ripples that do something."""
Switches = dict[str, list[tuple[Stamp, bool]]]
"""By ripple, which changes made it act or not."""
_Chains = dict[int, tuple[list[int], list[str]]]
"""Positions and ids of ripples, by the chain of causality that they stand in."""
_Row = tuple[int, list[str], _Chains]
"""Of a track: which tracks are like it, ripples that are asked one by one, the others."""
_NONE: Acting = frozenset()


class Rows:
    """The ripples of each track by the chains of causality, so that what somebody knew of them is a few numbers.

    Most ripples were made once and never undone: they act for all who know them, and whoever knows one of a chain knows those before
    it. The others are asked one by one.
    """

    def __init__(self, order: Causality, ripples: Mapping[str, Ripple], switches: Switches, outside: Container[str],
                 acts: Callable[[str, Knows], bool]) -> None:
        """`outside` are ripples that act unless they are switched off; `acts` asks for one."""
        self._order = order
        self._ripples = ripples
        self._switches = switches
        self._outside = outside
        self._acts = acts
        self._tracks: dict[str, _Row] = {}
        self._alike: dict[tuple[str, ...], int] = {}
        self._sets: dict[tuple[int, tuple[int, ...], Acting], Acting] = {}

    def alike(self, track: str) -> int:
        """A number that tracks have in common on which the same ripples act."""
        return self._row(track)[0]

    def _row(self, track: str) -> _Row:
        row = self._tracks.get(track)
        if row is None:
            ids = tuple(i for i, ripple in self._ripples.items() if track in ripple.tracks)
            placed: dict[int, list[tuple[int, str]]] = {}
            others: list[str] = []
            for i in ids:
                switches = self._switches[i]
                place = self._order.place(switches[0][0]) if len(switches) == 1 and switches[0][1] and i not in self._outside else None
                if place is None:
                    others.append(i)
                else:
                    placed.setdefault(place[0], []).append((place[1], i))
            chains = {number: ([at for at, _ in sorted(some)], [i for _, i in sorted(some)]) for number, some in sorted(placed.items())}
            row = self._tracks[track] = (self._alike.setdefault(ids, len(self._alike)), others, chains)
        return row

    def acting(self, track: str, knows: Knows) -> Acting:
        """The ripples of a track that do something, as far as `knows` goes."""
        return frozenset(i for i, ripple in self._ripples.items() if track in ripple.tracks and self._acts(i, knows))

    def known_to(self, track: str, stamp: Stamp, itself: bool) -> Acting:
        order = self._order
        own = order.place(stamp)
        if own is None:
            return self.acting(track, lambda one: itself and one == stamp)
        number, others, chains = self._row(track)
        counts = tuple(bisect_left(positions, order.reach_into(stamp, chain) + (itself and own[0] == chain))
                       for chain, (positions, _) in chains.items())
        more = self._of(others, lambda one: (itself and one == stamp) or order.before(one, stamp)) if others else _NONE
        return self._set(number, chains, counts, more)

    def not_after(self, track: str, stamp: Stamp) -> Acting:
        order = self._order
        own = order.place(stamp)
        if own is None:
            return self.acting(track, lambda one: True)
        number, others, chains = self._row(track)
        counts = tuple(self._first_after(chain, positions, *own) for chain, (positions, _) in chains.items())
        more = self._of(others, lambda one: not order.before(stamp, one)) if others else _NONE
        return self._set(number, chains, counts, more)

    def _first_after(self, chain: int, positions: list[int], own: int, position: int) -> int:
        """How many ripples of a chain stand before the first that knows a change at `position` of chain `own`."""
        if chain == own:
            return bisect_right(positions, position)
        order = self._order
        return bisect_left(positions, True, key=lambda place: order.knows_of(chain, place, own) > position)

    def _of(self, ids: list[str], knows: Knows) -> Acting:
        return frozenset(i for i in ids if self._acts(i, knows))

    def _set(self, number: int, chains: _Chains, counts: tuple[int, ...], more: Acting) -> Acting:
        key = (number, counts, more)
        found = self._sets.get(key)
        if found is None:
            ids = [i for count, (_, some) in zip(counts, chains.values(), strict=True) for i in some[:count]]
            found = self._sets[key] = frozenset(ids) | more
        return found
