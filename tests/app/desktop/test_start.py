"""The application without its window: how its process ends."""

from __future__ import annotations

import os
import subprocess
import sys

COPIES = """
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from app.desktop.start import application
app = application()
data = QMimeData()
data.setText("copied")
QGuiApplication.clipboard().setMimeData(data)
del data
assert QGuiApplication.clipboard().text() == "copied"
"""


def test_a_process_that_copied_something_ends_well() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", COPIES], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
