"""Ending the program while a film is being exported. Owns: tests of app.desktop.shell.leaving and what the window does with it."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from app.services.jobs import Job
from app.services.owner import OwnerClient, OwnerError, OwnerLeft
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


def test_what_the_window_did_not_do_before_it_closed_is_left_to_the_program_that_asked(film: Desk) -> None:
    session = film.window.session
    assert session is not None and session._socket is not None
    client = OwnerClient(session._socket.address)
    told: list[object] = []

    def ask() -> None:
        try:
            told.append(client.ask({"do": "run", "command": "marker.add", "args": {"at": "1s"}}))
        except OwnerError as error:
            told.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not session._post._calls:  # it waits for the window
        threading.Event().wait(0.005)
    assert film.window.close()
    asking.join(10)
    client.close()
    assert [type(one) for one in told] == [OwnerLeft]
