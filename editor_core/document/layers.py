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

    __slots__ = ("_base", "_over", "_size")

    def __init__(self, base: Mapping[str, Record], over: Mapping[str, Record] | None = None, size: int | None = None) -> None:
        """`base` and `over` must not be changed afterwards; `size` is how many entries they have together, where that is known."""
        self._base = base
        self._over: Mapping[str, Record] = over or {}
        self._size = len(base) + sum(key not in base for key in self._over) if size is None else size

    def written(self, written: Mapping[str, Record]) -> Layers:
        """The table with these records as they are now; new ones come last."""
        if len(written) > MOST or len(written) + len(self._over) > MOST:
            return Layers({**self._base, **self._over, **written})
        size = self._size + sum(key not in self for key in written)
        return Layers(self._base, {**self._over, **written}, size)

    def _whole(self) -> Mapping[str, Record]:
        over = self._over
        if over:
            # Another thread may be reading or doing the same: the upper layer goes only when all of it is in the lower one.
            self._base = {**self._base, **over}
            self._over = {}
        return self._base

    def copy(self) -> dict[str, Record]:
        """All of it, to be changed."""
        return dict(self._whole())

    def get(self, key: str, default: Record | None = None) -> Record | None:  # type: ignore[override]
        return self._over.get(key) or self._base.get(key, default)

    def __getitem__(self, key: str) -> Record:
        found = self._over.get(key)
        return self._base[key] if found is None else found

    def __contains__(self, key: object) -> bool:
        return key in self._over or key in self._base

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def keys(self) -> KeysView[str]:
        return self._whole().keys()

    def values(self) -> ValuesView[Record]:
        return self._whole().values()

    def items(self) -> ItemsView[str, Record]:
        return self._whole().items()
