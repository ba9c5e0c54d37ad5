"""The outside reference: npm's `yjs` and `y-websocket` in a node process, kept outside the repository.

Owns: finding or fetching the packages, one node process that does as it is asked. Refuses: being needed; `why_no_yjs` says what lacks.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import platformdirs

PACKAGES = {"yjs": "13.6.33", "y-websocket": "3.1.0", "y-protocols": "1.0.7", "ws": "8.23.0"}
CLIENT = Path(__file__).with_name("yjs_client.mjs")


def _folder() -> Path:
    return Path(os.environ.get("PROEDITOR_YJS") or platformdirs.user_cache_dir("proeditor-yjs"))


def _version(name: str) -> str:
    try:
        return str(json.loads((_folder() / "node_modules" / name / "package.json").read_text())["version"])
    except (OSError, ValueError):
        return ""


@functools.cache
def why_no_yjs() -> str:
    """Why the reference cannot be asked on this machine; empty where it can. Fetches the packages the first time."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        return "node is not installed"
    if all(_version(name) == version for name, version in PACKAGES.items()):
        return ""
    if npm is None:
        return "npm is not installed, and the packages of Yjs are not here"
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    try:
        done = subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True,
                              timeout=90)
    except subprocess.TimeoutExpired:
        return "npm could not fetch the packages of Yjs in 90 s"
    return "" if done.returncode == 0 else f"npm could not fetch the packages of Yjs: {done.stderr.strip()[-200:]}"


class Yjs:
    """One node process; also a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["node", str(CLIENT), str(_folder())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, do: str, **given: Any) -> Any:
        """What it answers. Raises AssertionError with its words when it fails."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **given}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "node ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["ok"]

    def __enter__(self) -> Yjs:
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
