"""The bridge between the document's world and Qt's: what panels, canvas and shell share.

Owns: the names that panels import. Refuses: widgets, document logic, media.
"""

from __future__ import annotations

from app.desktop.bridge.actions import Actions, ActionSpec, action
from app.desktop.bridge.decks import Deck, SourceDeck
from app.desktop.bridge.deliver import Deliver
from app.desktop.bridge.frames import QUALITIES, FrameFeed, Levels
from app.desktop.bridge.imports import Imports
from app.desktop.bridge.jobs import Jobs
from app.desktop.bridge.keymap import Keymap
from app.desktop.bridge.media_watch import MediaWatch
from app.desktop.bridge.panel import ASSETS_MIME, CLIPS_MIME, GENERATOR_MIME, PanelSpec
from app.desktop.bridge.ports import RenderPort, ShellPort, SoundPort, TaskPort
from app.desktop.bridge.post import Post
from app.desktop.bridge.selection import Selection, Targets, ToolBox
from app.desktop.bridge.settings import Settings
from app.desktop.bridge.state import ProblemRow, Problems, Saving
from app.desktop.bridge.tiles import Tiles, TileSource
from app.desktop.bridge.transport import Transport
from app.desktop.bridge.workbench import Signals, Workbench

__all__ = [
    "ASSETS_MIME", "CLIPS_MIME", "GENERATOR_MIME", "QUALITIES", "ActionSpec", "Actions", "Deck", "Deliver", "FrameFeed", "Imports", "Jobs",
    "Keymap", "Levels", "MediaWatch", "PanelSpec", "Post", "ProblemRow", "Problems", "RenderPort", "Saving", "Selection", "Settings",
    "ShellPort", "Signals", "SoundPort", "SourceDeck", "Targets", "TaskPort", "TileSource", "Tiles", "ToolBox", "Transport", "Workbench",
    "action",
]
