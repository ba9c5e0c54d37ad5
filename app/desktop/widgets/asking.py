"""Small questions: a line of words, several lines, one of a few.

Owns: asking before what cannot be undone, the dialog, its button that says what it does. Refuses: what is done with the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QApplication, QDialogButtonBox, QInputDialog, QLineEdit, QMessageBox, QWidget


def ask_words(parent: QWidget | None, title: str, words: str, given: str = "", do: str = "OK", *, lines: bool = False) -> str | None:
    """What somebody types, without spaces around it; None when they give up. `do` stands on the button, `lines` takes several lines."""
    dialog = _dialog(parent, title, words, do)
    dialog.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput, lines)
    dialog.setTextValue(given)
    if not lines and (field := dialog.findChild(QLineEdit)) is not None:
        field.selectAll()
    return _answer(dialog)


def ask_one(parent: QWidget | None, title: str, words: str, choices: Sequence[str], do: str = "OK") -> str | None:
    """One of several; None when somebody gives up."""
    dialog = _dialog(parent, title, words, do)
    dialog.setComboBoxItems(list(choices))
    dialog.setComboBoxEditable(False)
    return _answer(dialog)


def sure(words: str, verb: str, parent: QWidget | None = None) -> bool:
    """Asks before something that cannot be undone; `verb` stands on the button."""
    cancel = QMessageBox.StandardButton.Cancel
    box = QMessageBox(QMessageBox.Icon.NoIcon, "ProEditor", words, cancel, parent or QApplication.activeWindow())
    yes = box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(cancel)
    box.exec()
    return box.clickedButton() is yes


def _dialog(parent: QWidget | None, title: str, words: str, do: str) -> QInputDialog:
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setLabelText(words)
    dialog.setOkButtonText(do)
    dialog.setMinimumWidth(dialog.fontMetrics().averageCharWidth() * 52)
    return dialog


def _answer(dialog: QInputDialog) -> str | None:
    box = dialog.findChild(QDialogButtonBox)
    done = box.button(QDialogButtonBox.StandardButton.Ok) if box is not None else None
    if done is not None:
        done.setProperty("kind", "primary")
        done.style().unpolish(done)
        done.style().polish(done)
    try:
        return dialog.textValue().strip() if dialog.exec() else None
    finally:
        dialog.deleteLater()
