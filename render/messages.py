"""What clients and media processes say to each other, as typed messages.

Owns: every message of the task, render and sound roles with its meaning and limits. Refuses: sending them (see `wire`).
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

_Text = Annotated[str, Meta(max_length=20_000)]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """The base of all messages; the tag is the class name."""


# --- every worker to its client -----------------------------------------------------------------------------------


class Beat(Message, frozen=True, kw_only=True):
    """I am alive; sent about twice a second. `resident` is MiB."""

    resident: int = 0


class Ready(Message, frozen=True, kw_only=True):
    """Started and confined; `isolated` says that the process has a network namespace of its own."""

    isolated: bool = False


class Trouble(Message, frozen=True, kw_only=True):
    """Something a person should know; `text` is a sentence, `about` what it concerns (an asset id, `sound`, …)."""

    text: _Text
    about: Annotated[str, Meta(max_length=200)] = ""


# --- role task ----------------------------------------------------------------------------------------------------


class RunTask(Message, frozen=True, kw_only=True):
    """Run one task. `args` are plain values."""

    job: int
    name: Annotated[str, Meta(max_length=100)]
    args: dict[str, Any]


class Progress(Message, frozen=True, kw_only=True):
    """What the running task reports: plain values, by custom `done` 0 to 1."""

    job: int
    report: dict[str, Any]


class Done(Message, frozen=True, kw_only=True):
    """The task's result, plain values."""

    job: int
    result: dict[str, Any]


class Failed(Message, frozen=True, kw_only=True):
    """The task raised. `kind` is the exception's class name, `text` its message for people."""

    job: int
    kind: Annotated[str, Meta(max_length=200)]
    text: _Text


ToTaskWorker = RunTask
FromTaskWorker = Ready | Beat | Progress | Done | Failed
