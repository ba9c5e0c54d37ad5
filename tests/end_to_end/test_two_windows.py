"""Together, as people have it: two windows and a program edit one film, lose the network, go on, and come together again.

Everything is real: a relay, its line that can be pulled, two windows on screens of their own, keys, the merge review, an export.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from app.services.owner import OwnerClient
from editor_core.storage.lock import owner_address
from tests.support.command_line import CommandLine
from tests.support.proxies import Cable
from tests.support.relays import RunningRelay
from tests.support.screen import Screen

pytestmark = [
    pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="xvfb and xdotool are not installed"),
    pytest.mark.timeout(600),
]
PICTURES = os.environ.get("PROEDITOR_TEST_PICTURES", "")
"""A folder for pictures of the windows, for looking at; none are taken without it."""


class Somebody:
    """A person with settings, a film and a command line of their own; perhaps with a window."""

    def __init__(self, folder, name):
        self.name, self.film = name, folder / f"{name.lower()}.proedit"
        self.line = CommandLine(folder / name)
        config = folder / name / "config"
        config.mkdir(parents=True)
        (config / "actor.json").write_text(json.dumps({"id": f"u{name}", "name": name, "color": "teal"}))
        self.process = self.client = None

    def run(self, command, **args):
        return json.loads(self.line("run", self.film, command, json.dumps(args)).out)

    def open(self, display):
        self.environment = {**self.line.environment, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self.process = subprocess.Popen([sys.executable, "-m", "app.cli", str(self.film)], env=self.environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def shown(self):
        found = self.xdotool("search", "--sync", "--onlyvisible", "--pid", str(self.process.pid)).split()
        until(self.reach)
        self.xdotool("windowfocus", "--sync", found[-1])

    def reach(self):
        """The window's own door, as other programs of the same person find it."""
        if address := owner_address(self.film):
            self.client = OwnerClient(address)
        return self.client

    def now(self):
        return self.client.ask({"do": "live", "what": "state", "args": {}})

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *words], env=self.environment, check=True, capture_output=True, text=True, timeout=120).stdout

    def key(self, *keys):
        self.xdotool("key", "--delay", "60", *keys)

    def fingerprint(self):
        return self.line("fingerprint", self.film).out.strip()

    def picture(self, name):
        if PICTURES and shutil.which("import"):
            subprocess.run(["import", "-window", "root", f"{PICTURES}/{name}.png"], env=self.environment, check=True, timeout=30)

    def close(self):
        if self.client is not None:
            self.client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


def until(check, seconds=120):
    """Waits for what others bring about; the machine may be busy."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come about")


@pytest.fixture
def together(tmp_path, footage):
    """Ann, who shared a film with two shots and a title, Ben and Cleo, who joined; Ann and Ben have it open in windows."""
    with RunningRelay(tmp_path / "relay") as relay, Screen() as left, Screen() as right:
        cable = Cable(relay.port)
        ann, ben, cleo = people = [Somebody(tmp_path, name) for name in ("Ann", "Ben", "Cleo")]
        ann.line("new", ann.film, "--size", "320x180", "--rate", "25")
        taken = ann.line("import", ann.film, footage / "a.mp4", footage / "b.mp4", "--json").json["assets"]
        script = [{"command": "clip.append", "args": {"asset": row["asset"]}} for row in taken]
        script.append({"command": "track.add", "args": {"kind": "video"}})
        script.append({"command": "title.add", "args": {"text": "Opening", "at": "0s", "duration": "2s", "track": "V2"}})
        ann.line("run", ann.film, "--script", "-", stdin="".join(json.dumps(step) + "\n" for step in script))
        link = ann.line("share", ann.film, "--relay", cable.address, "--json").json["link"]
        for one in (ben, cleo):
            one.line("join", link, one.film)
        ann.open(left.display)
        ben.open(right.display)
        try:
            for one in (ann, ben):
                one.shown()
            yield ann, ben, cleo, cable
        finally:
            for one in people:
                one.close()
            cable.close()


def test_three_people_edit_one_film_lose_the_network_and_come_together_again(together, tmp_path):
    ann, ben, cleo, cable = together
    until(lambda: all(one.now()["state"] == "online" and one.now()["cut"] == "same" for one in (ann, ben)))

    # live: keys in both windows and a program, and everyone has the same film
    ann.key("Right", "Right", "Right", "m")
    ben.key("End", "m")
    cleo.line("run", "--live", cleo.film, "marker.add", json.dumps({"at": "1s", "text": "from a program"}))
    until(lambda: len({one.fingerprint() for one in (ann, ben)}) == 1 and len(ann.line("show", ann.film, "--json").json["markers"]) == 3)
    cleo.line("sync", cleo.film)
    assert cleo.fingerprint() == ann.fingerprint()
    until(lambda: any((one["name"], one["playhead"]) == ("Ann", 3 * 705_600_000 // 25) for one in ben.now()["people"]))
    assert ben.line("sync", ben.film, "--json").json["role"] == "editor"  # through the window, which is connected
    ann.picture("live-ann")

    # the network is cut: everybody goes on, some at the same clips
    cable.pull()
    until(lambda: all(one.now()["state"] == "offline" for one in (ann, ben)))
    show = ann.line("show", ann.film, "--json").json
    (title,) = [clip for track in show["tracks"] for clip in track["clips"] if clip.get("kind") == "title"]
    shots = next(track["clips"] for track in show["tracks"] if track["label"] == "V1")
    ann.run("title.set", clip=title["id"], text="Ann's opening")
    ann.run("clip.set", clip=shots[1]["id"], property="opacity", value=0.5)
    ben.run("title.set", clip=title["id"], text="Ben's opening")
    ben.run("clip.set", clip=shots[1]["id"], property="rotation", value=10.0)
    cleo.run("clip.set", clip=shots[0]["id"], property="name", value="The lake")
    until(lambda: ann.now()["to_send"] == 2 and ben.now()["to_send"] == 2)
    ann.picture("offline-ann")

    # the network returns: who met somebody else's change is shown a review, plays it and decides
    cable.plug()
    cleo.line("sync", cleo.film)
    until(lambda: ann.now()["page"] == "merge" and ben.now()["page"] == "merge")
    assert ben.now()["held"] and ben.now()["waiting"] and "Ben's opening" in json.dumps(ben.line("show", ben.film, "--json").json)
    until(lambda: ben.now()["to_decide"] == 1)
    ben.key("space")
    time.sleep(0.5)
    until(lambda: ben.xdotool("mousemove", "1545", "247", "click", "1") == "" and ben.now()["to_decide"] == 0)  # "Take theirs"
    ben.picture("review-ben")
    for one in (ben, ann):
        until(lambda one=one: one.now()["to_decide"] is not None)
        one.key("ctrl+Return")
        until(lambda one=one: one.now()["page"] == "" and not one.now()["waiting"] and not one.now()["held"])

    # and everyone has the same film again
    until(lambda: all(one.now()["cut"] == "same" and not one.now()["to_send"] for one in (ann, ben)))
    cleo.line("sync", cleo.film)
    assert len({one.fingerprint() for one in (ann, ben, cleo)}) == 1
    after = ann.line("show", ann.film, "--json").json
    assert "The lake" in json.dumps(after) and "Ann's opening" in json.dumps(after) and "Ben's opening" not in json.dumps(after)
    assert not ann.line("conflicts", ann.film, "--json").json["conflicts"]
    ann.picture("again-ann")
    ann.line("export", ann.film, tmp_path / "film.mp4", "--workers", "1")
    report = ann.line("verify", tmp_path / "film.mp4", "--against", ann.film, "--json").json
    assert report["ok"]
