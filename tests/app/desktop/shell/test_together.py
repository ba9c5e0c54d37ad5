"""Working together, as the window has it: two projects in one process, a real relay, real widgets."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from app.desktop.bridge.people import PEERS, initials_of
from app.desktop.bridge.who import who_of
from app.desktop.merge.players import badge_of
from app.desktop.shell.together_dialogs import Join, MembersDialog, Share
from app.services.collab.links import parse_link
from editor_core.commands.context import Actor
from editor_core.comments import Person as Speaking
from editor_core.document import NOBODY, ChangeSet, Put, Stamp
from editor_core.schema import Clip, Marker
from editor_core.sync.presence import DOINGS, HIDDEN, Fast, Ghost
from tests.app.desktop.desk import Desk, S
from tests.app.services.collab.test_live import Desk as Other
from tests.support.sharing import Person


@pytest.fixture
def shared(desk: Desk, relay, tmp_path):
    """A film that is open here and was shared through the dialog; `bo` has the link."""
    desk.new()
    for second in (0, 4):
        desk.bench.run("title.add", {"text": f"T{second}", "at": f"{second}s", "duration": "3s"})
    assert desk.bench.together.state == "off"
    desk.bench.shell.dialog("share")
    dialog = desk.window._dialogs["share"]
    assert isinstance(dialog, Share) and not dialog.make.isEnabled()
    dialog.relay.setText(relay.address)
    dialog.name.setText("Ana Alvarez")
    QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    desk.wait(lambda: dialog.link.text())
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    link = QGuiApplication.clipboard().text()
    assert link == dialog.link.text() and link.startswith("proeditor://")
    dialog.close()
    desk.wait(lambda: desk.bench.together.state == "online")
    bo = Person(tmp_path, "Bo Berg")
    bo.join(parse_link(link))
    return desk, bo, link


def test_a_film_is_shared_and_the_bar_says_how_it_stands(shared, monkeypatch):
    desk, bo, _ = shared
    top, status = desk.page.top.together, desk.page.status
    assert desk.bench.together.now.members[0].person == desk.bench.together.my_name == "Ana Alvarez"
    assert top.light.text().strip() == "Only you" and status.room.text() == "Session: only you"
    bo.mark("by bo")
    bo.sync()
    desk.wait(lambda: any(m.text == "by bo" for m in desk.bench.snapshot.of_kind(Marker)))
    desk.bench.together.hold(True)
    desk.wait(lambda: desk.bench.together.held)
    bo.mark("held")
    bo.sync()
    desk.wait(lambda: desk.bench.together.waiting == 1)
    assert top.switch.value == "held" and "1" in top.switch.words("held") and top.light.isVisible()
    desk.key("Ctrl+Alt+U")
    desk.wait(lambda: any(m.text == "held" for m in desk.bench.snapshot.of_kind(Marker)) and not desk.bench.together.waiting)
    field = QLineEdit(desk.window)
    field.show()
    desk.window.activateWindow()
    field.setFocus()
    desk.settle()
    assert not desk.bench.together._busy()
    QTest.keyClicks(field, "abc")
    assert desk.app.focusWidget() is field and desk.bench.together._busy()
    monkeypatch.setattr("app.desktop.bridge.mid_gesture.TYPING", 0.0)
    assert not desk.bench.together._busy()
    field.deleteLater()
    QTest.mouseClick(top.avatars, Qt.MouseButton.LeftButton, pos=QPoint(8, top.avatars.height() // 2))
    desk.settle(0.1)
    assert desk.bench.shell.panel_shown("people")
    desk.bench.actions.trigger("together.offline")
    desk.wait(lambda: desk.bench.together.state == "offline")
    desk.bench.run("title.add", {"text": "alone", "at": "20s", "duration": "1s"})
    path = desk.bench.project_path
    desk.window.show_welcome()
    assert desk.window.open_project(path)
    desk.wait(lambda: desk.bench.together.state == "offline")
    status = desk.page.status
    assert "offline" in status.room.text().lower()
    bo.mark("meanwhile", "and again")
    bo.sync()
    desk.bench.actions.trigger("together.offline")
    desk.wait(lambda: desk.bench.together.state == "online")
    desk.bench.together.hold(False)
    desk.wait(lambda: desk.bench.comments.notices.rows)
    assert [one.words for one in desk.bench.comments.notices.rows] == ["While you were away: 2 edits by 1 person"]


@pytest.mark.real_time
def test_somebody_else_is_seen_listed_and_followed_until_this_person_does_something(shared):
    desk, bo, _ = shared
    together = desk.bench.together
    other = Other(bo)
    clip = next(iter(desk.bench.snapshot.tracks("video")))
    one = desk.bench.snapshot.clips_on(clip.id)[0]
    other.live.introduce("timeline")
    ghost = Ghost(one.id, one.track, S, 2 * S)
    other.live.show(Fast(0, 0, 2 * S, 0, 8 * S, DOINGS.index("trimming"), S, one.track, 1, (one.id,), 1, (ghost,)))

    def both(check):
        def turn():
            for _ in range(4):
                other.turn()
            return check()
        return desk.wait(turn)

    both(lambda: together.people and together.people[0].ghosts)
    person = together.people[0]
    assert (person.initials, person.role, person.doing) == ("BB", "editor", "trimming")
    desk.bench.shell.show_workspace("review")
    desk.settle(0.2)
    people = desk.panel("people")
    assert people.list.model().rowCount() == 2 and "trimming T0 on V1" in people.list.model().doing(person)
    timeline = desk.bench.late["timeline"]
    assert timeline.peers.people == together.people
    timeline.lanes.repaint()
    timeline.peers.refresh()
    assert timeline.lanes._layer._stale.isEmpty()  # others lie over the clips, which are not painted again for them
    shot = timeline.lanes.grab().toImage()
    colour = desk.theme.color(person.token).name()
    x = timeline.state.scale.x(2 * S)
    assert colour in {shot.pixelColor(x, y).name() for y in range(shot.height())}
    peers = timeline.peers
    peers.people = tuple(replace(person, session=number, name=name) for number, name in enumerate(("Bo", "Cleopatra", "Dee")))
    flags = peers._flags()
    assert flags[0].left() == x and not any(a.intersects(b) for a, b in itertools.combinations(flags, 2)), "all stand at one time"
    edge = timeline.state.width
    assert peers._words_at(QRect(edge - 20, 0, 60, 40), 150) + 150 < edge, "what is said of a drag at the edge can be read"
    peers.refresh()
    desk.bench.actions.trigger("together.follow_next")
    assert together.following == person.session and desk.bench.transport.ticks == 2 * S
    assert desk.page.space.panels["program"].content.follow_frame.isVisible()
    assert abs(timeline.state.scale.ticks(timeline.state.width) - 8 * S) < S // 10
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    both(lambda: together.following is None)
    began = time.monotonic()
    other.live.close()
    both(lambda: not together.people)
    assert time.monotonic() - began < 2
    other.close()


def test_a_window_that_was_closed_over_a_review_opens_over_it_again(shared):
    desk, bo, _ = shared
    together = desk.bench.together
    together.live._bringing.held = together.live._bringing.returning = True  # as after coming back to much
    bo.mark("looked at first")
    bo.sync()
    desk.wait(lambda: together.waiting == 1)
    path = desk.bench.project_path
    desk.window.show_welcome()
    assert desk.window.open_project(path)
    desk.wait(lambda: getattr(desk.page.page, "context", "") == "merge")
    together = desk.bench.together
    assert together.held and together.waiting == 1 and not any(m.text == "looked at first" for m in desk.bench.snapshot.of_kind(Marker))
    page = desk.page.page
    desk.wait(lambda: page.reviewer.merged is not None and not page.reviewer.busy and len(page.reviewer.outlook.rows) == 1)
    bo.mark("came meanwhile")
    bo.sync()
    desk.wait(lambda: page.reviewer.merged is not None and not page.reviewer.busy and len(page.reviewer.outlook.rows) == 2)
    assert {name for row in page.reviewer.outlook.rows for name in row.people} == {"Bo Berg"}
    assert [one.words for one in desk.bench.comments.notices.rows] == ["While you were away: 1 edit by 1 person"]
    page.apply()
    desk.wait(lambda: any(m.text == "looked at first" for m in desk.bench.snapshot.of_kind(Marker)) and not together.held)
    desk.window.show_welcome()
    assert desk.window.open_project(path)
    desk.wait(lambda: desk.bench.together.state == "online")
    assert not desk.bench.together.held and desk.page.page is None


def test_somebody_is_called_as_they_call_themselves_now_also_in_comments(shared):
    desk, bo, _ = shared
    together, talk = desk.bench.together, desk.bench.comments
    assert talk.me.name == desk.bench.door.actor.name == "Ana Alvarez"  # the name that was given when the film was shared
    bo.profile.name = "An old name"
    with bo.open() as (_, project):
        project.door.execute("comment.add", {"text": "hear", "at": "1s"})
    bo.sync()
    desk.wait(lambda: talk.shown and talk.name(talk.shown[0].thread.root.author) == "Bo Berg")  # who takes part is told a moment later
    assert talk.initials(talk.shown[0].thread.root.author) == "BB"
    together.rename("Ana B.")
    assert talk.me.name == "Ana B."
    colour = talk.colour_token(talk.shown[0].thread.root.author)
    assert colour == "peer-teal", "the second who came"
    together.work_offline(True)
    path = desk.bench.project_path
    desk.window.show_welcome()
    desk.open(path)  # before, and without, a connection everybody has the colour that they had
    author = desk.bench.comments.shown[0].thread.root.author
    desk.bench.late["names"] = {}  # a film whose makers no list names
    assert desk.bench.comments.colour_token(author) == who_of(desk.bench, author.actor).token == colour
    assert who_of(desk.bench, author.actor).name == "Bo Berg"
    desk.bench.together._room.keep(tuple(m for m in together.now.members if m.person != "Bo Berg"))
    assert who_of(desk.bench, author.actor).name == "Bo Berg", "also after being removed"


def test_another_link_leaves_what_is_said_on_its_way_and_newcomers_to_be_named(shared, tmp_path):
    desk, _, _ = shared
    together, talk = desk.bench.together, desk.bench.comments
    made = together.share(together.now.relay, "commenter", 3600.0)
    desk.wait(made.done)
    Person(tmp_path, "Cleo Cox").join(parse_link(made.result()["link"]))
    desk.wait(lambda: {p.name for p in talk.people()} >= {"Bo Berg", "Cleo Cox"})
    desk.wait(lambda: len(together.now.members) == 3)
    others = [m for m in together.now.members if m.person != "Ana Alvarez"]
    colours = {PEERS[together.colour_of(m.key)] for m in others}
    assert len(colours) == 2 and {talk.colour_token(Speaking(m.actor, m.person)) for m in others} == colours
    assert {who_of(desk.bench, m.actor).token for m in others} == colours, "here or not, everywhere in the window"
    assert {badge_of(desk.bench, f"{m.person}’s cut", False) for m in others} == {(initials_of(m.person), PEERS[together.colour_of(m.key)])
                                                                                  for m in others}
    desk.bench.run("comment.add", {"text": "heard", "at": "1s"})
    desk.wait(lambda: talk.shown and not talk.waits(talk.shown[0].thread.root))


def test_a_film_that_differs_is_said_to_differ_on_its_track_with_whom_and_resync_mends_it(shared):
    desk, bo, _ = shared
    other, together, top = Other(bo), desk.bench.together, desk.page.top.together

    def both(check):
        def turn():
            for _ in range(4):
                other.turn()
            return check()
        return desk.wait(turn)

    both(lambda: together.same_cut == "same")
    view, document = desk.bench.snapshot, desk.bench.door.document
    clip = view.clips_on(next(iter(view.tracks("video"))).id)[0]
    document.recorder, kept = None, document.recorder  # the film is changed, and nobody hears of it
    document.apply(ChangeSet(stamp=Stamp(7, 1), actor="x", command="fault", label="", time=0,
                             operations=(Put(clip.id, "start", clip.start, 9 * S, NOBODY),)))
    document.recorder = kept
    both(lambda: together.same_cut == "differs" and together.light.where)
    assert top.light.text().strip() == "Differs on V1" and "Bo Berg has all the same changes" in top.light.toolTip()
    assert top.resync.isVisible()
    desk.bench.shell.show_panel("people")
    model = desk.panel("people").list.model()
    assert model.doing(together.people[0]).startswith("Differs on V1, ")
    QTest.mouseClick(top.resync, Qt.MouseButton.LeftButton)
    both(lambda: together.same_cut == "same")
    assert not top.resync.isVisible() and desk.bench.snapshot.get(Clip, clip.id).start == clip.start
    other.close()


@pytest.mark.real_time
def test_a_pointer_on_the_picture_is_seen_at_its_place_and_hidden_when_asked(shared):
    desk, bo, _ = shared
    together, program = desk.bench.together, desk.page.space.panels["program"].content
    other = Other(bo)
    other.live.introduce("program")

    def both(check):
        def turn():
            for _ in range(4):
                other.turn()
            return check()
        return desk.wait(turn)

    picture = program.picture
    other.live.show(Fast(0, 0, 0, 0, 8 * S, spot=(2500, 5000)))
    both(lambda: picture.peers.people)
    (person,) = picture.peers.people
    target = picture.target()
    tip = picture.peers._spot(person)
    assert (round(tip.x() - target.x()), round(tip.y() - target.y())) == (round(target.width() / 4), round(target.height() / 2))
    inside = picture.grab().toImage().pixelColor(round(tip.x()) + 6, round(tip.y()) + 8)
    assert inside.name() == desk.theme.color(person.token).name() and picture.peers.words(person) == "Bo"
    other.live.show(Fast(0, 0, 2 * S, 0, 8 * S, DOINGS.index("drawing"), spot=(2500, 5000)))
    both(lambda: picture.peers.people[0].doing)
    (person,) = picture.peers.people
    assert picture.peers.words(person) == "Bo is drawing at 00:00:02:00" and not picture.peers.same_frame(person)
    began = time.monotonic()
    other.live.close()
    both(lambda: not picture.peers.people)
    assert time.monotonic() - began < 2

    # and the other way round: what this window says of its pointer
    QCursor.setPos(picture.mapToGlobal(target.center().toPoint()))
    QTest.mouseMove(picture, target.center().toPoint())
    desk.wait(program.pointed)
    assert all(abs(share - 5000) < 60 for share in together._showing.gather().spot)
    together.hide_cursor(True)
    assert together._showing.gather() == Fast(0, HIDDEN)
    other.close()


def test_a_role_is_changed_in_the_dialog_and_a_viewer_sees_why_nothing_can_be_edited(shared, monkeypatch):
    desk, bo, _ = shared
    together = desk.bench.together
    desk.bench.shell.dialog("members")
    dialog = desk.window._dialogs["members"]
    assert isinstance(dialog, MembersDialog)
    desk.wait(lambda: len(together.now.members) == 2)
    dialog._change(next(m for m in together.now.members if m.person == "Bo Berg"), "viewer")
    desk.wait(lambda: {m.role for m in together.now.members} == {"owner", "viewer"})
    assert bo.sync()["role"] == "viewer"
    asked = []
    monkeypatch.setattr("app.desktop.shell.together_dialogs.members.sure", lambda words, verb, parent: asked.append(words))
    dialog._remove(next(m for m in together.now.members if m.person == "Bo Berg"))
    assert "Bo Berg" in asked[0] and "Removing" not in dialog._trouble.text(), "one click removes nobody"
    made = together.share(together.now.relay, "commenter", 3600.0)
    desk.wait(lambda: made.done() and together.now.invites)
    desk.wait(lambda: "Open link · Commenter" in {one.text() for one in dialog.findChildren(QLabel)})
    dialog._take_back(next(one for one in together.now.invites if one.role == "commenter"))
    desk.wait(lambda: all(one.role != "commenter" for one in together.now.invites))
    assert {m.role for m in together.now.members} == {"owner", "viewer"}, "who came by another stays"
    assert dialog._invite.isEnabled()
    together.told_state(replace(together.now, role="viewer"))
    assert not dialog._invite.isEnabled() and "Only owners may invite" in dialog._invite.toolTip()
    dialog.close()
    assert "Viewers cannot edit" in desk.bench.actions.reason("marker.add")
    role = desk.page.status.role
    assert not role.isHidden() and role.text() == "Viewer: you cannot edit" and "Viewers cannot edit" in role.toolTip()
    assert desk.bench.attempt("marker.add", {"at": "0s"})[1].startswith("Viewers cannot edit")
    together.told_state(replace(together.now, role="owner"))
    assert desk.bench.actions.reason("marker.add") == "" and role.isHidden()
    together._permit("viewer")
    together.live.out = True
    together.told_ended("You are not a member any more")
    assert desk.bench.actions.reason("marker.add") == "", "what is here is one’s own"
    assert "do not take part" in desk.bench.actions.reason("together.share")
    assert "On your own" in desk.page.status.room.text() and desk.page.top.together.light.text().strip() == "On your own"


def test_a_link_is_looked_through_and_joined(shared, tmp_path):
    desk, _, link = shared
    desk.bench.together.leave()
    desk.wait(lambda: desk.bench.together.state == "offline")
    QGuiApplication.clipboard().setText("")
    dialog = desk.window._join(desk.tools.sharing)
    dialog.show()
    dialog.link.setText("nonsense")
    desk.wait(lambda: "not a link" in dialog._trouble.text())
    dialog.folder.setText(str(tmp_path))
    dialog.link.setText(link)
    desk.wait(lambda: dialog.go.isEnabled())
    dialog.link.setText("")
    desk.wait(lambda: not dialog.go.isEnabled())
    assert not dialog._people.isVisible() and not dialog._people_layout.count()  # who was there is not there for another link
    dialog.link.setText(link)
    desk.wait(lambda: dialog.go.isEnabled())
    assert isinstance(dialog, Join) and dialog.name.text()
    path = dialog.path
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    desk.wait(lambda: desk.window.session is not None and desk.window.session.project.path == path)
    desk.wait(lambda: desk.bench.together.state == "online")
    assert len([c for t in desk.bench.snapshot.tracks("video") for c in desk.bench.snapshot.clips_on(t.id)]) == 2


def test_undo_tells_what_others_have_changed_since(desk: Desk):
    desk.new()
    said = []
    desk.bench.signals.said.connect(lambda words, kind: said.append(words))
    made = desk.bench.run("marker.add", {"at": "1s", "text": "mine", "color": "red"})["marker"]
    desk.bench.run("marker.set", {"marker": made, "text": "later", "color": "blue"})
    desk.bench.door.execute("marker.set", {"marker": made, "text": "bo's"}, actor=Actor(id="bo", name="Bo"))
    desk.bench.actions.trigger("edit.undo")
    marker = desk.bench.snapshot.get(Marker, made)
    assert (marker.text, marker.color) == ("bo's", "red") and any("others have changed it since" in words for words in said)
    desk.bench.run("marker.set", {"marker": made, "text": "again"})
    desk.bench.door.execute("marker.set", {"marker": made, "text": "bo's once more"}, actor=Actor(id="bo", name="Bo"))
    desk.bench.actions.trigger("edit.undo")
    assert desk.bench.snapshot.get(Marker, made).text == "bo's once more" and "Cannot undo" in said[-1] and "others" in said[-1]
