"""Encrypting a shared film from the window: the Members dialog asks, does it, says what came of it; others see it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desktop.shell.together_dialogs import MembersDialog
from app.services.collab.links import parse_link
from editor_core.schema import Marker
from tests.app.desktop.desk import Desk
from tests.support.sharing import Person


def test_an_owner_encrypts_the_film_and_the_others_go_on_with_it(desk: Desk, relay, tmp_path):
    desk.new()
    made = desk.bench.together.share(relay.address, "editor", 3600.0)
    desk.wait(made.done)
    bo = Person(tmp_path, "Bo Berg")
    bo.join(parse_link(made.result()["link"]))
    desk.wait(lambda: desk.bench.together.state == "online" and len(desk.bench.together.now.members) == 2)
    assert desk.bench.together.secrecy == "Signed, not encrypted"
    desk.bench.shell.dialog("members")
    dialog = desk.window._dialogs["members"]
    assert isinstance(dialog, MembersDialog)
    desk.wait(lambda: dialog._seal.isVisibleTo(dialog))
    assert "Not encrypted" in dialog._readers.text() and not dialog._really.isVisibleTo(dialog)
    QTest.mouseClick(dialog._seal, Qt.MouseButton.LeftButton)
    desk.wait(lambda: dialog._really.isVisibleTo(dialog))
    QTest.mouseClick(dialog._do_it, Qt.MouseButton.LeftButton)
    desk.wait(lambda: "Encrypted from now on" in dialog._trouble.text() and "threw away" in dialog._trouble.text())
    desk.wait(lambda: desk.bench.together.state == "online" and desk.bench.together.now.encrypted)
    desk.wait(lambda: not dialog._seal.isVisibleTo(dialog) and "members alone" in dialog._readers.text())
    assert desk.bench.together.secrecy == "Encrypted"
    assert {one.person for one in desk.bench.together.now.members} >= {"Bo Berg"} and desk.bench.together.role == "owner"
    bo.mark("from bo, encrypted")
    assert bo.sync()["encrypted"]
    desk.wait(lambda: any(m.text == "from bo, encrypted" for m in desk.bench.snapshot.of_kind(Marker)))
    again = desk.bench.together.share(relay.address, "editor", 3600.0)
    desk.wait(again.done)
    assert again.result()["encrypted"], "links made from now on lead into the encrypted room"
