"""What this machine has of a project's media, and what it lacks.

Owns: finding files by content hash among what the project names, names for what arrives. Refuses: paths that others say: a hash that the
project does not name is nothing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from editor_core.schema import MediaReference
from editor_core.sync.media_messages import Kind
from render import stand_in

SMALL = 16 * 2**20
"""Bytes up to which the original is fetched where a proxy would do: making one would take longer."""
_LONGEST_NAME = 120
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))})


class Wanted(NamedTuple):
    """Something to fetch: media by hash, of one kind."""

    hash: str
    kind: Kind


class Holdings:
    """A project's media on this machine. Every function may be called on any thread."""

    def __init__(self, media: Callable[[], Iterable[MediaReference]], places: Callable[[str], list[Path]], stand_ins: Path) -> None:
        """`media` gives the project's media, `places` where an asset may lie, `stand_ins` is the folder of proxies and previews."""
        self._media = media
        self._places = places
        self.stand_ins = stand_ins

    def reference(self, content_hash: str) -> MediaReference | None:
        """The project's media of this hash."""
        return next((one for one in self._media() if one.hash == content_hash), None)

    def original(self, reference: MediaReference) -> Path | None:
        """The original, where a file of its size is in one of its places."""
        return next((path for path in self._places(reference.id) if _size(path) == reference.size), None)

    def stand_in(self, reference: MediaReference, kind: stand_in.Kind) -> Path | None:
        """A proxy or preview that is here."""
        path = self.stand_ins / stand_in.name_of(reference.hash, kind)
        return path if path.is_file() else None

    def path(self, reference: MediaReference, kind: Kind) -> Path | None:
        """The file of that kind, if it is here."""
        return self.original(reference) if kind == "original" else self.stand_in(reference, kind)

    def offered(self, content_hash: str) -> tuple[Kind, ...]:
        """The kinds that are here, or can be made of what is here."""
        reference = self.reference(content_hash)
        if reference is None:
            return ()
        here = self.original(reference) is not None
        small: list[Kind] = [kind for kind in stand_in.HEIGHTS if self.stand_in(reference, kind) is not None
                             or (here and stand_in.can_have(reference))]
        return (*small, "original") if here else tuple(small)

    def missing(self, upto: str) -> list[Wanted]:
        """What is to be fetched when `none`, `previews`, `proxies` or `originals` are wanted, in the order in which it helps most."""
        absent = [one for one in self._media() if self.original(one) is None]
        wanted: list[Wanted] = []
        if upto != "none":
            wanted += [Wanted(one.hash, "preview") for one in absent if stand_in.can_have(one) and not self._any(one)]
        if upto in ("proxies", "originals"):
            wanted += [Wanted(one.hash, "proxy") for one in absent if _worth_a_proxy(one) and self.stand_in(one, "proxy") is None]
            wanted += [Wanted(one.hash, "original") for one in absent if not _worth_a_proxy(one)]
        if upto == "originals":
            wanted += [Wanted(one.hash, "original") for one in sorted(absent, key=lambda one: one.size) if _worth_a_proxy(one)]
        return list(dict.fromkeys(wanted))

    def _any(self, reference: MediaReference) -> bool:
        return any(self.stand_in(reference, kind) is not None for kind in stand_in.HEIGHTS)


def _worth_a_proxy(reference: MediaReference) -> bool:
    return reference.video is not None and stand_in.can_have(reference) and reference.size > SMALL


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else -1
    except OSError:
        return -1


def safe_name(name: str) -> str:
    """A file name made of what a project says a file is called: no folders, no hidden names, no devices, of bounded length."""
    plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    stem, ending = (stem, dot + ending) if dot and stem and len(ending) <= 10 else (plain, "")
    stem = stem[:_LONGEST_NAME].rstrip(" .") or "media"
    if stem.split(".")[0].lower() in _DEVICES:
        stem = f"_{stem}"
    return stem + ending


def free_name(folder: Path, name: str) -> Path:
    """A path in `folder` that is not taken, as close to `name` as can be."""
    wanted = folder / safe_name(name)
    number, path = 2, wanted
    while path.exists():
        path = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        number += 1
    return path
