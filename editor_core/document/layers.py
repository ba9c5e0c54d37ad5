"""A table of records that shares almost all of itself with the one before.

Owns: a mapping in two layers, so that an edit of a film of 20,000 clips copies what was written lately and not 20,000 entries.
Refuses: being changed, and taking entries away.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView

from editor_core.schema import Record

MOST = 192
"""Entries in the upper layer at most; beyond it both become one."""


class Layers(Mapping[str, Record]):
    """Records by id, in the order they came. Whoever goes through all of them puts both layers together first, once."""

    __slots__ = ("_size", "lower", "upper")

    def __init__(self, base: Mapping[str, Record], over: Mapping[str, Record] | None = None, size: int | None = None) -> None:
        """`base` and `over` must not be changed afterwards; `size` is how many entries they have together, where that is known."""
        self.lower = base
        self.upper: Mapping[str, Record] = over or {}
        self._size = len(base) + sum(key not in base for key in self.upper) if size is None else size

    def written(self, written: Mapping[str, Record]) -> Layers:
        """The table with these records as they are now; new ones come last."""
        if len(written) > MOST or len(written) + len(self.upper) > MOST:
            return Layers({**self.lower, **self.upper, **written})
        size = self._size + sum(key not in self for key in written)
        return Layers(self.lower, {**self.upper, **written}, size)

    def whole(self) -> Mapping[str, Record]:
        """All of it as one dictionary, for whoever looks up thousands. Not to be changed."""
        over = self.upper
        if over:
            # Another thread may be reading or doing the same: the upper layer goes only when all of it is in the lower one.
            self.lower = {**self.lower, **over}
            self.upper = {}
        return self.lower

    def copy(self) -> dict[str, Record]:
        """All of it, to be changed."""
        return dict(self.whole())

    def get(self, key: str, default: Record | None = None) -> Record | None:  # type: ignore[override]
        return self.upper.get(key) or self.lower.get(key, default)

    def __getitem__(self, key: str) -> Record:
        found = self.upper.get(key)
        return self.lower[key] if found is None else found

    def __contains__(self, key: object) -> bool:
        return key in self.upper or key in self.lower

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole())

    def keys(self) -> KeysView[str]:
        return self.whole().keys()

    def values(self) -> ValuesView[Record]:
        return self.whole().values()

    def items(self) -> ItemsView[str, Record]:
        return self.whole().items()
