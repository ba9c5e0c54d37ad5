"""Asking for a display before Qt does."""

import socket
import sys

import pytest

from app.services.display import has_display, why_no_display

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are named like this on X11 only")


def test_no_name_is_no_display():
    assert not has_display({})
    assert "no display" in why_no_display({})


@pytest.mark.parametrize("name", [":4321", ":4321.0", "unix:4321", "127.0.0.1:59000", "nonsense", ""])
def test_a_display_that_does_not_answer_is_named(name):
    words = why_no_display({"DISPLAY": name})
    assert words and (not name or repr(name) in words)


def test_a_display_that_answers_is_taken():
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X4322")
        server.listen()
        assert why_no_display({"DISPLAY": ":4322.0"}) == ""


def test_qt_told_to_do_without_is_enough():
    assert why_no_display({"QT_QPA_PLATFORM": "offscreen"}) == ""
