"""Plain rooms, as the window has them: the dialogs take and offer them, and say what they are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.desktop.shell.together_dialogs import Join, Share
from app.services.collab.links import parse_plain
from app.services.collab.words import NO_MEDIA, PLAIN_ROOM, PLAINLY
from editor_core.schema import Marker
from tests.app.desktop.desk import Desk
from tests.app.services.collab.test_comments import say
from tests.app.services.collab.test_live import Desk as Other
from tests.app.services.collab.test_plain import Plain


def words(widget) -> str:
    return " | ".join(one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))


def test_a_film_is_shared_plain_and_others_with_their_comments_are_there(desk: Desk, relay, tmp_path):
    desk.new()
    desk.bench.shell.dialog("share")
    dialog = desk.window._dialogs["share"]
    assert isinstance(dialog, Share) and PLAINLY not in words(dialog)
    dialog.way._pick("lan")
    assert dialog.sealed.isChecked(), "no relay is needed there, and nobody else shall read it"
    dialog.way._pick("relay")
    assert not dialog.sealed.isChecked(), "a relay's room is encrypted if the person says so"
    dialog.way._pick("plain")
    assert PLAINLY in words(dialog) and NO_MEDIA in words(dialog) and not dialog.sealed.isVisibleTo(dialog)
    assert not dialog.role.isVisibleTo(dialog) and dialog.relay.isVisibleTo(dialog)
    dialog.relay.setText("ws://203.0.113.7:80")
    QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    desk.wait(lambda: "local network" in dialog._trouble.text())
    assert desk.bench.together.state == "off", "refused before anything was changed"
    dialog.relay.setText(relay.address)
    QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    desk.wait(lambda: dialog.link.text())
    link = parse_plain(dialog.link.text())
    dialog.close()
    desk.wait(lambda: desk.bench.together.state == "online")
    assert desk.bench.together.secrecy == "Plain: not signed, not encrypted"
    assert "members" in desk.bench.actions.reason("together.members")
    desk.bench.shell.show_workspace("review")
    desk.settle(0.2)
    people = desk.panel("people")
    assert PLAIN_ROOM in words(people) and PLAINLY in people.plain.toolTip() and NO_MEDIA in people.plain.toolTip()
    bo = Plain(tmp_path, "Bo Berg")
    bo.join_plain(link)
    say(bo, "from bo")
    bo.mark("by bo")
    bo.sync()
    desk.wait(lambda: any(m.text == "by bo" for m in desk.bench.snapshot.of_kind(Marker)))
    desk.wait(lambda: [t.root.text for t in desk.bench.services.project.talk.comments.threads()] == ["from bo"])
    other = Other(bo)
    try:
        desk.wait(lambda: other.turn() or [p.name for p in desk.bench.together.people] == ["Bo Berg"])
        assert desk.bench.together.people[0].role == desk.bench.together.role == "editor", "a plain room is everybody's"
        desk.bench.transport.seek(705_600_000)
        desk.wait(lambda: other.turn() or any(one.fast and one.fast.playhead == 705_600_000 for one in (other.seen or {}).values()))
    finally:
        other.close()


def test_the_join_dialog_takes_a_plain_link_says_what_it_is_and_joins(desk: Desk, relay, tmp_path):
    ana = Plain(tmp_path, "ana")
    ana.make()
    ana.mark("here already")
    link = ana.share_plain(relay.address)["link"]
    desk.new()
    desk.bench.shell.dialog("join")
    dialog = desk.window._dialogs["join"]
    assert isinstance(dialog, Join)
    dialog.folder.setText(str(tmp_path))
    dialog.link.setText(link[:-4])
    desk.wait(lambda: "not a link to a plain room" in dialog._trouble.text())
    assert not dialog.go.isEnabled()
    dialog.link.setText(link)
    desk.wait(lambda: dialog.go.isEnabled())
    desk.wait(lambda: PLAINLY in words(dialog) and NO_MEDIA in words(dialog))
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    desk.wait(lambda: desk.bench.together.state == "online")
    assert {m.text for m in desk.bench.snapshot.of_kind(Marker)} == {"here already"}
