"""What the end-to-end tests share: a home of their own and a little footage."""

import pytest

from tests.support.command_line import CommandLine, make_clip


@pytest.fixture
def proeditor(tmp_path):
    return CommandLine(tmp_path / "home")


@pytest.fixture(scope="session")
def footage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("footage")
    make_clip(folder / "a.mp4")
    make_clip(folder / "b.mp4", 3, "640x360", "30")
    make_clip(folder / "silent.mp4", 2, "320x180", "25", False)
    return folder


@pytest.fixture
def film(proeditor, tmp_path):
    path = tmp_path / "film.proedit"
    proeditor("new", path, "--size", "320x180", "--rate", "25")
    return path
