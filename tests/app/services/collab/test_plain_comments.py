"""Comments in plain rooms: from film to film, to and from an outside Yjs client, over relay restarts."""

from __future__ import annotations

import asyncio
import json

import msgspec

from app.services.collab.links import parse_plain
from app.services.collab.plain import PlainExchange, PlainParticipant
from app.services.collab.words import NO_MEDIA
from editor_core.comments.acts import Act, encode, id_of
from editor_core.sync.plain_comments import PlainComments, act_in, key_of
from tests.app.services.collab.test_comments import say, threads
from tests.app.services.collab.test_live import Desk, until
from tests.app.services.collab.test_plain import Plain, people, url, yjs  # noqa: F401
from tests.support.relays import RunningRelay


def test_comments_of_films_in_a_plain_room_come_to_all_also_those_made_before(people):  # noqa: F811
    ana, bo, link = people
    say(ana, "made before")
    first = ana.sync()
    assert first["sent"] == 1 and first["media_note"] == NO_MEDIA
    assert bo.join_plain(link)["comments"] == 1
    say(bo, "I see", "comment.reply", comment=threads(bo)[0].name)
    say(bo, "", "comment.resolve", comment=threads(bo)[0].name)
    assert bo.sync()["sent"] == 1 and ana.sync()["comments"] == 2
    assert threads(ana) == threads(bo)
    assert [(t.root.text, t.state, len(t.replies)) for t in threads(ana)] == [("made before", "resolved", 1)]
    again = [ana.sync(), bo.sync()]
    assert [report["sent"] + report["comments"] for report in again] == [0, 0], "nobody writes an act a second time"


def test_windows_in_a_plain_room_see_each_other_s_comments_as_they_are_made(people):  # noqa: F811
    ana, bo, link = people
    bo.join_plain(link)
    desks = first, second = Desk(ana), Desk(bo)
    try:
        until(lambda: all(desk.now.line == "online" for desk in desks), *desks)
        for one, other, words in ((first, second, "from ana"), (second, first, "from bo")):
            one.project.door.execute("comment.add", {"text": words, "at": "1s"})
            one.live.changed()
            until(lambda: words in [t.root.text for t in other.project.talk.comments.threads()], *desks)  # noqa: B023
    finally:
        for desk in desks:
            desk.close()


def test_a_yjs_client_reads_comments_as_json_and_what_it_writes_counts_where_it_fits_its_key(people, relay, yjs):  # noqa: F811
    ana, bo, link = people
    say(ana, "für Yjs")
    ana.sync()
    assert yjs("join", **{"as": "talk"}, url=url(relay, link)["url"], room="comments")["synced"]
    acts = yjs("read", **{"as": "talk"})["acts"]
    (key, text), = acts.items()
    said = json.loads(text)
    assert (said["do"], said["text"], said["author"], said["anchor"]["start"]) == ("say", "für Yjs", ["u-ana", "ana"], 705600000)
    reply = act_in_json({"do": "say", "session": 5, "number": 1, "author": ["", "Yjs"], "time": 1, "text": "back", "thread": key,
                         "order": 1})
    yjs("script", **{"as": "talk"}, code=f"const a = doc.getMap('acts'); a.set({json.dumps(reply[0])}, {json.dumps(reply[1])});"
        f"a.set({json.dumps(key)}, '{{}}'); a.set('AAAAAAAAAAAAAAAAAAAAAA==', {json.dumps(text)}); a.set('x', 5); a.set('', null);"
        "a.set('y', new Uint8Array([1, 2])); a.set('map', new Y.Map())")
    yjs("leave", **{"as": "talk"})
    report = ana.sync()
    assert report["comments"] == 1 and report["refused"] == []
    assert bo.join_plain(link)["fingerprint"] == ana.cut()
    assert [[c.text for c in t.comments] for t in threads(ana)] == [["für Yjs", "back"]]


def act_in_json(act: dict) -> tuple[str, str]:
    """Key and value of an act as somebody outside would write it."""
    text = json.dumps(act)
    raw = encode(msgspec.json.decode(text, type=Act))
    key = key_of(id_of(raw))
    assert act_in(key, text) == raw
    return key, text


def test_comments_are_there_again_on_a_relay_that_lost_its_rooms(tmp_path):
    ana = Plain(tmp_path, "ana")
    ana.make()
    with RunningRelay(tmp_path / "one") as first:
        link = parse_plain(ana.share_plain(first.address)["link"])
        say(ana, "kept here")
        ana.sync()
        port = first.port
    with RunningRelay(tmp_path / "two", port=port):
        ana.sync()
        bo = Plain(tmp_path, "bo")
        assert bo.join_plain(link)["comments"] == 1 and threads(bo) == threads(ana)


def test_a_comment_of_a_newer_version_goes_through_a_plain_room_unread(people):  # noqa: F811
    ana, bo, link = people
    newer = b"\x82\xa2do\xa6sticky\xa4text\xa1x"
    with ana.open() as (parts, project):
        project.talk.receive([newer])
        asyncio.run(PlainExchange(PlainParticipant(project, parts.session)).until_idle())
    bo.join_plain(link)
    with bo.open() as (_, project):
        assert id_of(newer) in project.talk.comments and project.talk.comments.act(id_of(newer)) is None
    document = PlainComments()
    update = document.add([newer])
    other = PlainComments()
    assert other.take(update) == [newer] and other.take(update) == [] and document.add([newer]) == b""
    document.close(), other.close()
