"""Ending the program while a film is being exported. Owns: tests of app.desktop.shell.leaving and what the window does with it."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from app.services.jobs import Job
from tests.app.desktop.desk import Desk


def _exporting(film: Desk) -> tuple[Job, threading.Event]:
    """A job of an export that goes on until it is cancelled."""
    begun = threading.Event()

    def work(job: Job) -> Any:
        job.fraction = 0.42
        begun.set()
        job.cancel.wait(20)

    job = film.bench.jobs.start("export", "Summer.mp4", work)
    assert begun.wait(10)
    return job, begun


def _question(film: Desk) -> QMessageBox:
    return next(one for one in film.window.findChildren(QMessageBox) if one.isVisible())


def test_closing_the_window_while_a_film_is_exported_asks_first_and_escape_goes_on(film: Desk) -> None:
    job, _ = _exporting(film)
    assert not film.window.close()
    film.settle()
    asked = _question(film)
    assert "Summer.mp4" in asked.text() and "42 %" in asked.text()
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    film.settle()
    assert job.state == "running" and film.window.isVisible() and film.window.session is not None


def test_the_answer_to_stop_ends_the_program_and_what_is_half_made_is_kept(film: Desk) -> None:
    job, _ = _exporting(film)
    assert film.bench.actions.trigger("app.quit")
    film.settle()
    leave = next(button for button in _question(film).buttons() if button.text() == "Stop and quit")
    QTest.mouseClick(leave, Qt.MouseButton.LeftButton)
    film.wait(lambda: film.window.session is None)
    film.queue.close()
    assert job.keep and job.state == "cancelled"


def test_without_an_export_the_window_closes_at_once(film: Desk) -> None:
    assert film.window.close() and film.window.session is None
