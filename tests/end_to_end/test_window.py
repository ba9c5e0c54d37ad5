"""The window as a person uses it: a real process on a virtual screen, real keys and mouse, and the command line beside it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from app.services.owner import OwnerClient, OwnerError
from editor_core.storage.lock import owner_address
from tests.support.screen import Screen

pytestmark = [
    pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="xvfb and xdotool are not installed"),
    pytest.mark.timeout(240),
]


class Window:
    """`proeditor FILM` on a screen of its own."""

    def __init__(self, proeditor, film, display):
        self.proeditor, self.film = proeditor, film
        self.environment = {**proeditor.environment, "DISPLAY": display}
        self.process = subprocess.Popen([sys.executable, "-m", "app.cli", str(film)],
                                        env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until(lambda: held(film))
        shown = self.xdotool("search", "--sync", "--onlyvisible", "--pid", str(self.process.pid)).split()
        self.xdotool("windowfocus", "--sync", shown[-1])

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *words], env=self.environment, check=True, capture_output=True, text=True, timeout=60).stdout

    def key(self, *keys):
        self.xdotool("key", "--delay", "60", *keys)

    def close(self):
        self.process.terminate()
        self.process.wait(30)


def held(film):
    """Whether a window holds a film and answers: then its thread is done with what it does at the start."""
    with contextlib.suppress(OwnerError), contextlib.closing(OwnerClient(owner_address(film))) as client:
        return client.ask({"do": "batch", "steps": [], "label": ""}) == []
    return False


@pytest.fixture
def window(proeditor, film, footage):
    (asset,) = (row["asset"] for row in proeditor("import", film, footage / "a.mp4", "--json").json["assets"])
    proeditor("run", film, "clip.append", json.dumps({"asset": asset}))
    with Screen() as screen:
        opened = Window(proeditor, film, screen.display)
        yield opened
        if opened.process.poll() is None:
            opened.close()


def clips(window, label="V1"):
    shown = window.proeditor("show", window.film, "--json").json
    return next(track["clips"] for track in shown["tracks"] if track["label"] == label)


def until(check, seconds=60):
    """Waits for what keys bring about; the machine may be busy."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if check():
            return
        time.sleep(0.2)
    raise AssertionError("it did not come about")


def test_keys_edit_and_everything_is_there_after_a_kill_undo_too(window):
    window.key("Right", "Right", "Right", "ctrl+shift+k")
    until(lambda: len(clips(window)) == 2)
    assert clips(window)[1]["start"] == 3 * 705_600_000 // 25
    window.key("m")
    until(lambda: len(window.proeditor("show", window.film, "--json").json["markers"]) == 1)
    os.kill(window.process.pid, signal.SIGKILL)
    window.process.wait()
    assert window.proeditor("problems", window.film, "--json").json["problems"] == []
    assert len(clips(window)) == 2
    window.proeditor("undo", window.film)
    window.proeditor("undo", window.film)
    assert len(clips(window)) == 1
    with Screen() as screen:
        again = Window(window.proeditor, window.film, screen.display)
        again.key("ctrl+shift+z")
        until(lambda: len(clips(again)) == 2)
        again.close()
        assert again.process.returncode == 0


def test_commands_of_other_processes_go_through_the_window_and_it_undoes_its_own(window):
    made = window.proeditor("run", window.film, "title.add", json.dumps({"text": "Hello", "at": "1s", "duration": "1s"})).json
    assert [c["id"] for c in clips(window, "V2")] == [made["clip"]]
    script = "\n".join(json.dumps({"command": "marker.add", "args": {"at": f"{n}f"}}) for n in range(5))
    window.proeditor("run", window.film, "--script", "-", "--atomic", stdin=script)
    assert len(window.proeditor("show", window.film, "--json").json["markers"]) == 5
    refused = window.proeditor("run", window.film, "clip.lift", '{"clips": ["nobody"]}', ok=False)
    assert "nobody" in refused.err
    window.key("ctrl+z")
    until(lambda: window.proeditor("show", window.film, "--json").json["markers"] == [])
    assert window.process.poll() is None


def test_a_media_worker_that_is_killed_while_it_plays_does_not_take_the_window_along(window):
    import psutil

    window.key("space")
    time.sleep(1)
    children = psutil.Process(window.process.pid).children(recursive=True)
    workers = [child for child in children if "render.worker" in " ".join(child.cmdline())]
    assert workers, "media happens in processes of its own"
    for worker in workers:
        worker.kill()
    time.sleep(2)
    window.key("k", "Home", "Right", "Right", "ctrl+shift+k")  # K stops, also what has come to its end
    until(lambda: len(clips(window)) == 2)
    assert window.process.poll() is None


def test_closing_the_window_leaves_no_process_and_no_lock(window):
    import psutil

    children = psutil.Process(window.process.pid).children(recursive=True)
    window.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == [] and window.process.returncode == 0
    assert [path.name for path in window.film.parent.glob("film.proedit*")] == ["film.proedit"]
