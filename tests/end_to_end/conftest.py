"""What the end-to-end tests share: a home of their own, a little footage, an empty film."""

import shutil

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


@pytest.fixture(scope="session")
def blank(tmp_path_factory):
    """What `proeditor new` makes, once: a film is one file, and a copy of it is one, too."""
    folder = tmp_path_factory.mktemp("blank")
    CommandLine(folder / "home")("new", folder / "film.proedit", "--size", "320x180", "--rate", "25")
    return folder / "film.proedit"


@pytest.fixture
def film(blank, tmp_path):
    return shutil.copy(blank, tmp_path / "film.proedit")
