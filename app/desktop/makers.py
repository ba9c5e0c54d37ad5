"""What the window is handed by the composition root.

Owns: the shape of it. Refuses: building any of it; nothing in the desktop knows how a project, a library or a media process is made.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.desktop.bridge.ports import RenderPort, SoundPort, TaskPort
from app.services.identity import Profile
from app.services.open_project import OpenProject


@dataclass(frozen=True)
class Sharing:
    """What sharing a project needs to know of this device: its key (made at first use, which takes a moment), who the person is, the
    session of this process, and a maker of an empty project to be filled from a room."""

    key: Callable[[], Ed25519PrivateKey]
    profile: Profile
    session: int
    making: Callable[[Path], AbstractContextManager[OpenProject]]
    keep: Callable[[], None] = lambda: None
    """Writes the profile down after its name has changed."""

    def rename(self, name: str) -> None:
        """How others see this person from now on."""
        name = " ".join(name.split())[:60]
        if name and name != self.profile.name:
            self.profile.name = name
            self.keep()


@dataclass(frozen=True)
class Makers:
    """Openers and makers, and the two folders of this machine that the window writes to.

    `open_project` and `look_at_project` (for reading only) raise StorageError, the first ProjectInUse when another process holds it.
    `create_project` (path, width, height, frames a second as `30000/1001`) also raises TimingError and CommandError for a shape.
    `make_sample` makes the sample film, or finds it, and gives its project file; it takes seconds and may run on any thread.
    """

    config: Path
    cache: Path
    open_project: Callable[[Path], OpenProject]
    look_at_project: Callable[[Path], OpenProject]
    create_project: Callable[[Path, int, int, str], OpenProject]
    sample_film: Callable[[], Path]
    make_sample: Callable[[], Path]
    background: Callable[[], AbstractContextManager[TaskPort]]
    """Media workers that give way to playing and exporting."""
    library: Callable[[], AbstractContextManager[Any]]
    """The asset library; None inside where it cannot be used."""
    render: Callable[[], RenderPort]
    sound: Callable[[], SoundPort]
    sharing: Sharing
