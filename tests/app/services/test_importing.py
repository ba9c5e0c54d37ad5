"""Import: what is handed to a media worker, and what is not."""

from __future__ import annotations

import os
import socket
from concurrent.futures import Future
from pathlib import Path

from app.services.importing import import_files


class NoProbes:
    """A task pool that must not be asked: opening a pipe waits for somebody to write into it."""

    def submit(self, name: str, args: dict, *, timeout: float) -> Future:
        raise AssertionError(f"{args['path']} was opened")


def test_pipes_sockets_and_missing_files_are_refused_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        given = [tmp_path / "pipe.mp4", tmp_path / "socket", Path("/dev/zero"), tmp_path / "none.mp4"]
        items = import_files(given, NoProbes(), lambda reference, path: "never")
    assert [item.asset for item in items] == [""] * 4
    assert all(item.error.endswith("is a pipe, a socket or a device and not a file") for item in items[:3])
    assert items[3].error.endswith("none.mp4: there is no such file")
    assert [item.path for item in items] == list(map(str, given))


def test_a_name_that_is_not_utf_8_is_refused_and_the_others_are_not_kept_waiting(tmp_path):
    path = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.mp4"))
    path.write_bytes(b"x")
    (item,) = import_files([path], NoProbes(), lambda reference, path: "never")
    assert not item.asset
    assert item.error.endswith("caf\ufffd.mp4: the name of this file or of a folder above it is not UTF-8; give it another")
