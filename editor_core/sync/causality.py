"""Which change was made in knowledge of which.

Owns: the order "came before" over changes, from what each says it comes after. Refuses: clocks, and deciding between changes that
did not know each other.

Changes stand in chains: one continues a chain when its author knew the chain's newest change. What a change knows is then one
number a chain. People who work one after the other make one chain however many sessions they have, so the numbers stay few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from editor_core.document import Stamp

Known = dict[int, int]
"""How many changes of each chain are known, from its beginning. Shared between changes; never modified."""


class Causality:
    """Changes are added oldest first. One that is not known was not before anything."""

    def __init__(self) -> None:
        self._place: dict[Stamp, tuple[int, int]] = {}
        self._known: dict[Stamp, Known] = {}
        self._depth: dict[Stamp, int] = {}
        self._chains: list[list[Stamp]] = []

    def __contains__(self, stamp: object) -> bool:
        return stamp in self._place

    def __len__(self) -> int:
        return len(self._place)

    def __iter__(self) -> Iterator[Stamp]:
        """In the order they were added."""
        return iter(self._place)

    def add(self, stamp: Stamp, after: Iterable[Stamp] = ()) -> None:
        """Takes in a change; `after` as in `ChangeSet`. What it names and is not there is passed over."""
        if stamp in self._place:
            return
        named = tuple(after) or (Stamp(stamp.session, stamp.counter - 1),)
        parents = [p for p in dict.fromkeys(named) if p in self._place]
        self._depth[stamp] = 1 + max((self._depth[p] for p in parents), default=0)
        tail = next((p for p in parents if self._chains[self._place[p][0]][-1] == p), None)
        if tail is not None:
            chain = self._place[tail][0]
            known = self._known[tail] if len(parents) == 1 else self._union(parents)
        else:
            chain = len(self._chains)
            self._chains.append([])
            known = self._union(parents)
        self._place[stamp] = (chain, len(self._chains[chain]))
        self._known[stamp] = known
        self._chains[chain].append(stamp)

    def _union(self, parents: list[Stamp]) -> Known:
        known: Known = {}
        for parent in parents:
            chain, position = self._place[parent]
            for other, count in (*self._known[parent].items(), (chain, position + 1)):
                if count > known.get(other, 0):
                    known[other] = count
        return known

    def before(self, one: Stamp, other: Stamp) -> bool:
        """Whether the author of `other` knew `one`."""
        first, second = self._place.get(one), self._place.get(other)
        if first is None or second is None:
            return False
        if first[0] == second[0]:
            return first[1] < second[1]
        return self._known[other].get(first[0], 0) > first[1]

    def apart(self, one: Stamp, other: Stamp) -> bool:
        """Whether neither author knew the other's change."""
        return one != other and not self.before(one, other) and not self.before(other, one)

    def place(self, stamp: Stamp) -> tuple[int, int] | None:
        """The chain a change stands in and its position there; None for one that is not known."""
        return self._place.get(stamp)

    def reach_into(self, stamp: Stamp, chain: int) -> int:
        """How many changes of a chain, from its beginning, the author of a known change knew; the change itself does not count."""
        own, position = self._place[stamp]
        return position if own == chain else self._known[stamp].get(chain, 0)

    def knows_of(self, chain: int, position: int, other: int) -> int:
        """How many changes of chain `other` the change at a position of a chain knew."""
        return self.reach_into(self._chains[chain][position], other)

    def rank(self, stamp: Stamp) -> tuple[int, Stamp]:
        """A sort key that puts what came before first and is the same on every machine."""
        return self._depth.get(stamp, 0), stamp

    def newest(self, stamps: Iterable[Stamp]) -> list[Stamp]:
        """Those of some changes that came before none of the others, by rank."""
        some = set(stamps)
        return sorted((s for s in some if not any(self.before(s, o) for o in some if o != s)), key=self.rank)

    @property
    def heads(self) -> tuple[Stamp, ...]:
        """The newest of all changes."""
        return tuple(self.newest(chain[-1] for chain in self._chains))

    @property
    def shared(self) -> int:
        """How many changes, from the first on, everybody knew who made one later."""
        if not self._chains:
            return 0
        return min((self._known[chain[0]].get(0, 0) for chain in self._chains[1:]), default=len(self._chains[0]))

    def forked(self) -> list[Stamp]:
        """All changes but those that everybody knew from the beginning, in the order they were added."""
        shared = self.shared
        return [stamp for stamp, (chain, position) in self._place.items() if chain or position >= shared]

    def is_forked(self, stamp: Stamp) -> bool:
        """Whether a known change is among `forked`."""
        chain, position = self._place[stamp]
        return bool(chain) or position >= self.shared
