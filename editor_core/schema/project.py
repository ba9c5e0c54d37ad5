"""The project record: one per file.

Owns: the project's name and which timeline is shown first. Refuses: anything local to one machine.
"""

from __future__ import annotations

from editor_core.schema.record import Record


class Project(Record, frozen=True, kw_only=True, tag="project"):
    """`id` is `project` in every file; `main_timeline` is the timeline that commands act on by default."""

    name: str = ""
    main_timeline: str = ""
