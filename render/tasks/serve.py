"""The task role: one task at a time, as the client asks.

Owns: running a task and turning whatever it raises into a message for people. Refuses: queues and timeouts, which are the client's.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from render.confine import out_of_memory
from render.messages import Done, Failed, Progress, RunTask
from render.tasks import UnknownTask, find
from render.wire import Channel, WireClosed, WireError

_OURS = ("render", "editor_core", "assets", "tests")
_log = logging.getLogger(__name__)


def serve(channel: Channel[RunTask], shared: list[int]) -> None:
    """Runs tasks until the client goes (WireClosed)."""
    while True:
        order = channel.receive()
        answer = _run(channel, order)
        try:
            channel.send(answer)
        except WireClosed:
            raise
        except WireError as error:
            channel.send(Failed(job=order.job, kind="WireError", text=f"The result of {order.name} is too large: {error}"))


def _run(channel: Channel[RunTask], order: RunTask) -> Done | Failed:
    try:
        run = find(order.name)
        result = run(order.args, lambda report: channel.send(Progress(job=order.job, report=msgspec.to_builtins(report))))
        return Done(job=order.job, result=_plain(result))
    except Exception as error:
        text = in_words(error, order.name)
        _log.warning("%s: %s", order.name, text, exc_info=not _for_people(error))
        return Failed(job=order.job, kind=type(error).__name__, text=text[:20_000])


def _plain(result: dict[str, Any]) -> dict[str, Any]:
    """As msgpack carries it; bytes stay bytes."""
    plain: dict[str, Any] = msgspec.to_builtins(result, builtin_types=(bytes, bytearray, memoryview))
    return plain


def _for_people(error: Exception) -> bool:
    return isinstance(error, UnknownTask) or type(error).__module__.partition(".")[0] in _OURS


def in_words(error: Exception, what: str) -> str:
    """One sentence about an exception: its own when it is ours, else what can be said without a traceback."""
    if _for_people(error):
        return str(error)
    if out_of_memory(error):
        return f"{what} needs more memory than a media process may use"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"{what} failed unexpectedly ({type(error).__name__}: {error}); the log has the details"
