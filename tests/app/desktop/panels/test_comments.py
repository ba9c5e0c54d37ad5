"""Comments in the window: said at the playhead, drawn on the picture, answered, gone through, and what concerns this person."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.desktop.bridge.discussion import Discussion
from app.desktop.canvas.drawing import thinned
from app.desktop.widgets.basics import plain_tip
from app.services.collab.membership import may_do
from editor_core.comments import Anchor, Person
from editor_core.comments.acts import SetState, encode
from editor_core.schema import Marker
from tests.app.desktop.desk import Desk, S
from tests.support.talking import Speaker

pytestmark = pytest.mark.still

ANA = Person("u-ana", "Ana")


def hear(desk: Desk, *texts: str, at: int = S, to: str = "") -> list[bytes]:
    """Ana's comments come in from elsewhere."""
    talk = desk.bench.services.project.talk
    draft = Speaker("Ana", desk.bench.document.revision + 1000 + len(talk.comments)).talk.draft(ANA)
    for number, text in enumerate(texts):
        draft.start(text, Anchor(start=at + number * S), mentions=(Person("", to),) if to else ())
    ids, _ = talk.receive([encode(act) for act in draft.made.values()])
    desk.settle()
    return ids


@pytest.fixture
def talk(film: Desk) -> Discussion:
    film.bench.actions.trigger("panel.comments")
    film.settle()
    return film.bench.comments


def test_a_comment_is_written_at_the_playhead_drawn_on_answered_resolved_and_undone(film: Desk, talk: Discussion) -> None:
    bench, panel, picture = film.bench, film.panel("comments"), film.panel("program").picture
    hear(film, "Ana's first", at=6 * S)
    bench.transport.seek(2 * S)
    film.key("Alt+M")
    film.type("kept", panel.composer.field)
    QTest.keyClick(panel.composer.field, Qt.Key.Key_Escape)
    film.settle()
    assert talk.draft is None
    film.key("Alt+M")
    assert panel.composer.field.text() == "kept", "what was not sent comes back"
    panel.composer._cancel.click()
    film.key("Alt+M")
    film.type("Look here @A", panel.composer.field)
    assert panel.composer.field._names.isVisible()
    QTest.keyClick(panel.composer.field, Qt.Key.Key_Return)
    bench.actions.trigger("draw.arrow")
    target = picture.target().toRect()
    film.drag(picture, target.center(), target.center() + QPoint(40, 20))
    assert [shape.kind for shape in talk.shapes] == ["arrow"]
    bench.actions.trigger("draw.text")
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, target.center())
    film.type("here", film.panel("program").drawing._field)
    QTest.keyClick(film.panel("program").drawing._field, Qt.Key.Key_Return)
    film.settle()
    assert film.app.focusWidget() is panel.composer.field, "what is typed after drawing is the comment"
    QTest.keyClick(panel.composer.field, Qt.Key.Key_Escape)
    assert not talk.tool and len(talk.shapes) == 2, "Esc ends drawing first"
    QTest.keyClick(panel.composer.field, Qt.Key.Key_Return)
    film.settle()
    one = talk.current
    assert one is not None and talk.draft is None and one.place.start == 2 * S and one.place.clip
    assert one.thread.root.text == "Look here @Ana" and one.thread.root.mentions == (ANA,)
    assert [shape.text for shape in one.thread.root.drawing] == ["", "here"]
    assert talk.at_playhead(2 * S, playing=False) == [one] and talk.at_playhead(3 * S, playing=False) == []
    assert talk.on_clip(one.place.clip) == 1
    film.key("Alt+PageDown")
    assert talk.current is not None and talk.current.thread.root.text == "Ana's first" and bench.transport.ticks == 6 * S
    film.key("Alt+PageUp")
    bench.actions.trigger("panel.comments")
    film.key("R", panel.list)
    assert panel.reply.hasFocus()
    film.type("and there", panel.reply)
    QTest.keyClick(panel.reply, Qt.Key.Key_Return)
    film.settle()
    assert [r.text for r in talk.current.thread.replies] == ["and there"]
    panel.list.setFocus()
    film.key("E", panel.list)
    assert len(talk.filtered("resolved")) == 1 and len(panel.model.rows) == 1
    assert "Resolve comment" in bench.actions.title("edit.undo")
    film.key("Ctrl+Z")
    assert len(panel.model.rows) == 2
    clip = bench.snapshot.clip_at(bench.snapshot.tracks("video")[0].id, 5 * S)
    bench.selection.set([clip.id])
    bench.actions.trigger("comment.on_clip")
    assert talk.subject == "lake.mp4" and talk.send("too long")
    assert talk.current.thread.anchor.pinned and talk.current.place.clip == clip.id
    bench.run("edit.undo")
    bench.run("edit.undo")
    bench.run("edit.undo")
    assert [one.thread.root.text for one in talk.shown] == ["Ana's first"]


def test_avatars_in_the_marker_lane_read_and_open_threads_and_cards_name_themselves(film: Desk, talk: Discussion) -> None:
    bench, timeline, panel = film.bench, film.panel("timeline"), film.panel("comments")
    (first, second) = hear(film, "one", "two", at=3 * S)
    talk.set_filter("mine")
    assert panel.model.rows == []
    talk.set_filter("open")
    ruler = timeline.ruler
    box = ruler.comments.box(talk.shown[1], ruler.look).center()
    found = ruler.comments.at(box.x(), box.y(), ruler.look)
    assert found is not None and found.thread.id == second and "Ana" in ruler.comments.words(found)
    QTest.mouseClick(ruler, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, box.toPoint())
    film.settle()
    assert talk.chosen == second and bench.transport.ticks == 4 * S
    film.drag(ruler, box.toPoint(), box.toPoint() + QPoint(60, 0))
    assert talk.shown[1].place.start == 4 * S, "what is another's does not move"
    mine = bench.run("comment.add", {"text": "mine", "at": 7 * S})["comment"]
    spot = ruler.comments.box(talk.shown[2], ruler.look).center().toPoint()
    film.drag(ruler, spot, spot + QPoint(40, 0))
    assert talk.shown[2].place.start > 7 * S
    bench.run("comment.delete", {"comment": mine})
    spoken = panel.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Comment by Ana at 00:00:03:00, open: one"
    card = panel.cards.card(talk.shown[0], 360, chosen=False)
    talk.name = lambda person: "Cleopatra Maximiliane von Hohenzollern-Sigmaringen"
    panel.cards.forget()
    long = panel.cards.card(talk.shown[0], 360, chosen=False)
    assert [rect.width() for rect, does in long.zones if does == "seek"] == [rect.width() for rect, does in card.zones if does == "seek"]
    assert long.zones[0][0].right() < 360 - 20, "a long name leaves room for the time"
    del talk.name
    clip = talk.shown[1].place.clip
    told: list[bool] = []
    talk.changed.connect(lambda: told.append(True))
    bench.run("clip.lift", {"clips": [bench.snapshot.clip_at(bench.snapshot.tracks("video")[0].id, 0).id]})
    assert talk.shown[0].place.following == "timeline"  # as a picture that is painted at once asks
    film.wait(lambda: told)  # and the marker lane is told nevertheless
    assert clip == "" and first != second
    out = Path(film.folder) / "list.csv"
    panel.export_to(out)
    with out.open(encoding="utf-8-sig") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["one", "two"]
    panel.make_markers()
    film.settle()
    assert {m.text for m in ruler._markers()} == {"Ana: one", "Ana: two"}
    film.key("Ctrl+Z")
    assert ruler._markers() == []


def test_what_concerns_this_person_is_told_and_what_happened_while_away_in_one_line(film: Desk, talk: Discussion) -> None:
    said: list[str] = []
    film.bench.signals.said.connect(lambda words, kind: said.append(words))
    hear(film, "nothing to you")
    assert talk.chosen is None and film.bench.transport.ticks == 0, "what comes in opens nothing and goes nowhere"
    film.panel("comments").list.setFocus()
    QTest.keyClick(film.panel("comments").list, Qt.Key.Key_Down)
    assert talk.chosen is not None and film.bench.transport.ticks == S
    assert talk.notices.unread == 0 and said == []
    hear(film, "please @Tester", to="Tester")
    assert talk.notices.unread == 1 and said == ["Ana mentioned you: please @Tester"]
    talk.choose(talk.notices.rows[0].thread)
    assert talk.notices.unread == 0
    path = film.bench.project_path
    assert path is not None
    film.window.show_welcome()
    film.settle()
    from app import bootstrap

    with bootstrap.holding(film.parts, path) as project:
        draft = Speaker("Ana", 5).talk.draft(ANA)
        root = draft.start("away", Anchor(start=0), assignee=Person("uTester", "Tester"))
        draft.write(SetState, root, state="resolved")
        project.talk.receive([encode(act) for act in draft.made.values()])
    film.open(path)
    again = film.bench.comments.notices
    assert [one.kind for one in again.rows] == ["absence", "task"]
    assert again.rows[0].words == "While you were away: 1 comment"
    assert again.unread == 2


def test_a_pens_path_keeps_its_shape_with_few_points() -> None:
    line = [(n / 1000, 0.0) for n in range(1000)]
    assert thinned(line, 1024, 0.001) == [line[0], line[-1]]
    zigzag = [(n / 100, (n % 2) / 10) for n in range(101)]
    assert thinned(zigzag, 1024, 0.001) == zigzag
    assert 2 <= len(thinned(zigzag, 20, 0.001)) <= 20


def test_words_of_others_are_never_markup(film: Desk, talk: Discussion) -> None:
    film.bench.say("<img src='file:///etc/hostname'><b>loud</b>")
    film.settle()
    shown = [one for one in film.window.findChildren(QLabel) if "loud" in one.text()]
    assert shown and all(one.textFormat() is Qt.TextFormat.PlainText for one in shown)
    hear(film, "<b>x</b>")
    ruler = film.panel("timeline").ruler
    assert "<b>" not in plain_tip(ruler.comments.words(talk.shown[0]))


def test_drawing_and_writing_go_on_after_the_windows_size_was_changed(film: Desk, talk: Discussion) -> None:
    talk.compose()
    film.settings.set("look/scale", 1.25)
    film.wait(lambda: film.theme.scale == 1.25)
    film.settle(0.2)
    film.bench.actions.trigger("draw.rectangle")
    picture = film.panel("program").picture
    middle = picture.target().toRect().center()
    film.drag(picture, middle, middle + QPoint(30, 30))
    assert [shape.kind for shape in talk.shapes] == ["rectangle"]
    assert talk.send("still here") and talk.current is not None and talk.current.thread.drawing


def test_the_menu_of_a_comment_offers_what_can_be_done_with_it_and_no_markers_to_a_commenter(film: Desk, talk: Discussion) -> None:
    panel, bench = film.panel("comments"), film.bench
    talk.choose(None)
    bench.actions.get("comment.reply")
    bench.actions.refresh()  # as after Esc: nothing is chosen
    hear(film, "One", "Two")
    shown: list[dict[str, bool]] = []
    for role in ("editor", "commenter"):
        bench.door.restrict(may_do(role, "Ana"))
        one = panel.model.rows[0]
        shown.append({a.text(): a.isEnabled() for a in panel.menu_of(one, one.thread.root).actions()})
    editor, commenter = shown
    assert editor["Reply to comment"] and editor["Resolve comment"] and editor["Make markers of all these"]
    assert commenter["Reply to comment"] and not commenter["Make marker"] and not commenter["Make markers of all these"]
    bench.door.restrict(may_do("editor", "Ana"))
    bench.actions.trigger("comment.markers")
    assert sorted(m.text for m in bench.snapshot.of_kind(Marker)) == ["Ana: One", "Ana: Two"]


def test_the_filters_are_read_whole_beside_the_number_of_what_is_new(film: Desk, talk: Discussion) -> None:
    panel = film.panel("comments")
    hear(film, "One", "Two", to="Tester")
    film.wait(lambda: panel._unread.text())
    for width in range(284, 420, 4):
        panel.resize(width, 400)
        panel.layout().activate()
        assert [c.text() for c in panel._chips.values() if c.width() < c.sizeHint().width()] == [], width
