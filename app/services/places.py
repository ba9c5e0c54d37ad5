"""Where this person's settings, caches and logs lie on this machine.

Owns: the folders, made when first asked for. Refuses: project files, which lie where the person puts them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Places:
    """Folders for settings, cached pictures and sound, and logs."""

    config: Path
    cache: Path
    logs: Path

    @staticmethod
    def find() -> Places:
        """The platform's folders, or all below `PROEDITOR_HOME` when that is set (tests, portable installs)."""
        home = os.environ.get("PROEDITOR_HOME")
        if home:
            base = Path(home)
            places = Places(base / "config", base / "cache", base / "logs")
        else:
            dirs = platformdirs.PlatformDirs("proeditor", appauthor=False)
            places = Places(Path(dirs.user_config_dir), Path(dirs.user_cache_dir), Path(dirs.user_log_dir))
        for folder in (places.config, places.cache, places.logs):
            folder.mkdir(parents=True, exist_ok=True)
        return places
