"""A QApplication without a display for the canvas tests.

Owns: the application and a cut timeline panel. Refuses: workers and files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from tests.app.desktop.canvas.hands import Hands


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication([])


@pytest.fixture
def hands(qapp: QApplication, tmp_path: Path) -> Iterator[Any]:
    """A timeline of a few clips, 1000 x 420, 20 pixels a second from 0, and a mouse for it."""
    made = Hands(tmp_path)
    yield made
    made.close()
