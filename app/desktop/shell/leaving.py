"""What is asked before the program ends while a film is being exported.

Owns: the words and the buttons. Refuses: ending anything; whoever asks gives what is to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from app.services.jobs import Job, JobQueue


def unfinished(queue: JobQueue) -> list[Job]:
    """Exports that run or wait."""
    return [job for job in queue.jobs if job.kind == "export" and job.state in ("waiting", "running")]


def question(jobs: Sequence[Job], end: Callable[[], None], parent: QWidget) -> QMessageBox:
    """A question over `parent`; `end` is called where the answer is to end nevertheless. Escape goes on exporting."""
    first, more = jobs[0], len(jobs) - 1
    words = f"{first.title} is exported to {round(100 * first.fraction)} %"
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Exporting", f"{words}, and {more} more wait." if more else f"{words}.", parent=parent)
    box.setInformativeText("What is finished of it is kept: exported again under the same name, it goes on from there.")
    stay: QPushButton = box.addButton("Keep exporting", QMessageBox.ButtonRole.RejectRole)
    leave = box.addButton("Stop and quit", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    leave.clicked.connect(end)
    return box
