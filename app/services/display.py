"""Whether a window can be shown, asked before Qt is: Qt ends the process when its display does not answer.

Owns: reading DISPLAY and WAYLAND_DISPLAY, knocking at the socket that they name. Refuses: Qt.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_LOCAL = re.compile(r"^(?:unix)?:(\d+)(?:\.\d+)?$")
_REMOTE = re.compile(r"^([\w.-]+):(\d+)(?:\.\d+)?$")
PATIENCE = 3.0


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a display is named, or Qt has been told to do without."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def why_no_display(environment: Mapping[str, str] = os.environ) -> str:
    """Why no window can be shown, in words; empty when one can."""
    if not has_display(environment):
        return "There is no display to open a window on; `proeditor --help` lists what works without one"
    if sys.platform in ("win32", "darwin") or environment.get("QT_QPA_PLATFORM") or environment.get("WAYLAND_DISPLAY"):
        return ""
    name = environment.get("DISPLAY", "")
    if _answers(name):
        return ""
    return f"The display {name!r} does not answer; set DISPLAY to one that does, or work without a window (`proeditor --help`)"


def _answers(name: str) -> bool:
    if match := _LOCAL.match(name):
        path = f"/tmp/.X11-unix/X{match[1]}"  # noqa: S108  (where every X server listens)
        return any(_knock(socket.AF_UNIX, where) for where in (path, f"\0{path}")) if hasattr(socket, "AF_UNIX") else True
    if match := _REMOTE.match(name):
        return _knock(socket.AF_INET, (match[1], 6000 + int(match[2])))
    return Path(name).exists()


def _knock(family: int, where: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as knock:
            knock.settimeout(PATIENCE)
            knock.connect(where)
    except OSError:
        return False
    return True
