"""Versions, parts of branches and a clip's past on the command line, a process for each call; versions while the process is killed."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time

from editor_core.storage import ProjectFile, versions

WRITER = """
import sys, time
from pathlib import Path
from app import bootstrap
from app.services.versions import keep_version
parts = bootstrap.parts()
project = bootstrap.open_project(parts, Path(sys.argv[1]))
print("ready", flush=True)
while True:
    project.door.execute("marker.add", {"at": "1s"})
    keep_version(project, "Automatic")
    time.sleep(0.002)
"""


def run(proeditor, film, command, **args):
    return json.loads(proeditor("run", film, command, json.dumps(args)).out)


def test_a_branch_is_taken_in_part_and_a_clip_and_the_film_go_back(proeditor, film):
    one = run(proeditor, film, "title.add", text="one", at="0s", duration="2s")["clip"]
    two = run(proeditor, film, "title.add", text="two", at="4s", duration="2s")["clip"]
    proeditor("versions", film, "save", "first")
    proeditor("branch", film, "new", "trial")
    proeditor("branch", film, "switch", "trial")
    run(proeditor, film, "clip.set", clip=one, property="opacity", value=0.5)
    run(proeditor, film, "clip.set", clip=two, property="rotation", value=10)
    proeditor("branch", film, "switch", "main")
    ids = [one_change["id"] for one_change in proeditor("branch", film, "compare", "main", "trial", "--json").json["changes"]]
    assert ids == [one, two]
    done = proeditor("branch", film, "merge", "trial", "--changes", two, "--json").json
    assert done["picked"] == [two] and done["left"] == 1
    assert "left" in proeditor("branch", film, "merge", "trial", "--changes", one).out
    assert "no change that" in proeditor("branch", film, "merge", "trial", "--changes", one, ok=False).err
    steps = proeditor("blame", film, one, "--json").json["changes"]
    assert [step["words"] for step in steps] == ["placed it as a title", "set its opacity to 50 %"]
    assert proeditor("blame", film, one, "--restore", steps[0]["id"], "--json").json["fields"] == ["opacity"]
    proeditor("branch", film, "merge", "trial")
    assert proeditor("conflicts", film, "--json").json["conflicts"] == []
    compared = proeditor("versions", film, "compare", "first", "--json").json["changes"]
    assert [(change["id"], list(change["fields"])) for change in compared] == [(two, ["rotation"])]
    proeditor("versions", film, "drop", "first")
    assert {one["kind"] for one in proeditor("versions", film, "list", "--json").json["versions"]} == {"automatic"}


def test_a_process_killed_while_it_keeps_versions_leaves_whole_ones(proeditor, film):
    for pause in (0.05, 0.2, 0.4):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(film)], stdout=subprocess.PIPE, env=proeditor.environment) as child:
            assert child.stdout is not None and child.stdout.readline() == b"ready\n"
            time.sleep(pause)
            child.send_signal(signal.SIGKILL)
            child.wait()
    with contextlib.closing(ProjectFile.open(film, session=7)) as file:
        found = versions.versions(file)
        assert 2 < len(found) <= versions.MOST_AUTOMATIC and not file.problems
        assert all(versions.records_of(one) for one in found)
