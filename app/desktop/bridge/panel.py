"""How a panel declares itself, and what is dragged between panels.

Owns: PanelSpec, mime types. Refuses: docks (the shell's).
"""

from __future__ import annotations

from dataclasses import dataclass

ASSETS_MIME = "application/x-proeditor-assets"
"""A drag of media: JSON list of asset ids; with `{"asset", "source_start", "source_duration"}` objects for marked parts."""
CLIPS_MIME = "application/x-proeditor-clips"
"""The clipboard: JSON list of clips as plain records."""
GENERATOR_MIME = "application/x-proeditor-generator"
"""A drag of a title or solid: JSON `{"command": "title.add" | "solid.add", "args": {…}}`; the drop adds at, duration, track.
Or of a transition: `{"command": "transition.add", "args": {"kind": "dissolve"}}`."""


@dataclass(frozen=True)
class PanelSpec:
    """A panel's module says `PANEL = PanelSpec(…)` and `build(bench) -> QWidget`.

    `area`: left, right, bottom, center, or `page:NAME` for a part of another workspace. `order` sorts tabs of an area.
    `context` is the keymap's context while the panel has focus. `workspaces` where it is shown.
    A panel widget may offer `header_widgets() -> list[QWidget]` for the free right part of its header, and
    `header_note() -> str` for the words behind its title, and `tab_count() -> int` for how many things wait in it.
    """

    id: str
    title: str
    area: str = "left"
    icon: str = ""
    order: int = 50
    context: str = "global"
    workspaces: tuple[str, ...] = ("edit",)
    slim: bool = False
    """A panel of about 60 pixels: its header is cut to the name."""
