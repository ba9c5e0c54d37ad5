"""The collection record: a named place for media in the library panel.

Owns: its name. Refuses: which media lie in it; each media reference says so itself, so that two people sorting different files never
write the same field.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from editor_core.schema.record import Record


class Collection(Record, frozen=True, kw_only=True, tag="collection"):
    """`name` is shown to people; two collections may bear the same one."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
