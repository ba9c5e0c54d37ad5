"""Entry point of every media process: `python -m render.worker ROLE` with ROLE task, render, sound or nursery.

Owns: confinement before anything else is loaded, the private channel, the heartbeat, the end when the parent is gone.
Refuses: what the roles do; each lives in a module of its own that is imported only here, after the limits are in place.

The channel is standard input and the original standard output; whatever a library prints goes to standard error instead.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from render.confine import Limits, confine, resident_mib
from render.messages import Beat, Ready, ToRenderServer, ToSoundServer, ToTaskWorker
from render.wire import FROM_WORKER_LIMIT, TO_WORKER_LIMIT, Channel, WireClosed, WireError

ROLES: dict[str, tuple[str, Any]] = {
    "task": ("render.tasks.serve", ToTaskWorker),
    "render": ("render.playback.render_server", ToRenderServer),
    "sound": ("render.playback.sound_server", ToSoundServer),
}
"""Module of each role, which has `serve(channel, shared)`, and the type of the messages it is sent."""

NURSERY = "nursery"
"""The role that has no messages of its own: see `render.nursery`."""

BEAT_EVERY = 0.5
"""Seconds between heartbeats."""

_CPU_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(words: list[str]) -> int:
    options = _options(words)
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=f"{options.role}: %(levelname)s %(name)s: %(message)s")
    for name in _CPU_THREADS:
        os.environ.setdefault(name, "1")
    limits = Limits(memory_mib=options.memory, nice=options.nice, open_files=options.files)
    if options.role == NURSERY:
        return _nursery(limits, options)
    read_fd, write_fd = _private_channel()
    return _serve(options.role, read_fd, write_fd, confine(limits, options.parent), options.shared)


def _nursery(limits: Limits, options: argparse.Namespace) -> int:
    """Loads what task workers will need, then splits them off as the client asks."""
    from render.nursery import tend
    from render.tasks import find

    control = socket.socket(fileno=os.dup(0))
    isolated = confine(limits, options.parent, may_fork=True)
    importlib.import_module(ROLES["task"][0])
    for name in options.load.split(","):
        find(name)
    return tend(control, lambda: _serve("task", *_private_channel(), isolated, []))


def _serve(role: str, read_fd: int, write_fd: int, isolated: bool, shared: list[int]) -> int:
    module, incoming = ROLES[role]
    channel: Channel[Any] = Channel(read_fd, write_fd, incoming, limit=TO_WORKER_LIMIT, send_limit=FROM_WORKER_LIMIT)
    start_beating(channel.send)
    serving = importlib.import_module(module)
    try:
        channel.send(Ready(isolated=isolated))
        serving.serve(channel, shared)
    except WireClosed:
        return 0
    except WireError as error:
        logging.getLogger(__name__).error("%s", error)
        return 3
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="render.worker")
    parser.add_argument("role", choices=[*sorted(ROLES), NURSERY])
    parser.add_argument("--load", default="")
    parser.add_argument("--parent", type=int, default=0)
    parser.add_argument("--memory", type=int, default=3072)
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--files", type=int, default=512)
    parser.add_argument("--shared", type=int, action="append", default=[])
    return parser.parse_args(words)


def _private_channel() -> tuple[int, int]:
    """Moves the channel away from descriptors 0 and 1, which libraries may read or print to."""
    read_fd, write_fd = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return read_fd, write_fd


def start_beating(send: Callable[[Any], None]) -> None:
    """Sends heartbeats from a thread of its own; ends the process when the client has gone."""

    def beat() -> None:
        pause = threading.Event()
        while True:
            try:
                send(Beat(resident=resident_mib()))
            except WireClosed:
                os._exit(0)
            pause.wait(BEAT_EVERY)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # no interpreter shutdown: native threads of decoders may still be running
