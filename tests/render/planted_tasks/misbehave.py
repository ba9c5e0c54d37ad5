"""Does the bad thing it is asked for. Owns: aborting, hanging, eating memory, reaching out. Refuses: good manners."""

import ctypes
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

TASK = "misbehave"


def run(args: dict[str, Any], report: Any) -> dict[str, Any]:
    answer = WAYS[args["how"]](args)
    return {"answer": answer}


def _abort(args: dict[str, Any]) -> str:
    os.abort()


def _hold_the_lock(args: dict[str, Any]) -> str:
    ctypes.PyDLL(None).sleep(60)  # PyDLL keeps the interpreter lock, as a stuck native library may
    return "woke"


def _wait(args: dict[str, Any]) -> str:
    time.sleep(60)
    return "waited"


def _eat(args: dict[str, Any]) -> str:
    held = [bytearray(64 << 20) for _ in range(200)]
    return str(len(held))


def _grow(args: dict[str, Any]) -> str:
    global _kept
    _kept = bytearray(os.urandom(1 << 20) * args["mib"])
    time.sleep(1.2)  # until a heartbeat has told
    return str(os.getpid())


def _connect(args: dict[str, Any]) -> str:
    with socket.create_connection(("127.0.0.1", args["port"]), timeout=2):
        return "connected"


def _native_connect(args: dict[str, Any]) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.socket(2, 1, 0)
    port = args["port"]
    address = bytes([2, 0, port >> 8, port & 255, 127, 0, 0, 1]) + bytes(8)
    return "connected" if fd >= 0 and libc.connect(fd, address, 16) == 0 else "refused"


def _start(args: dict[str, Any]) -> str:
    return subprocess.run(["true"], check=True).args[0]


def _print(args: dict[str, Any]) -> str:
    print("\x00\x00\x00\x05noise that must not reach the channel", flush=True)
    os.write(1, b"\xff" * 100)
    return "printed"


def _too_much(args: dict[str, Any]) -> Any:
    return bytes(20 << 20)


def _raise_os(args: dict[str, Any]) -> str:
    return Path("/nowhere/at all").read_text()


def _raise_odd(args: dict[str, Any]) -> str:
    raise KeyError("strange")


def _modules(args: dict[str, Any]) -> Any:
    import sys
    return sorted({name.partition(".")[0] for name in sys.modules})


def _facts(args: dict[str, Any]) -> Any:
    return {"nice": os.nice(0), "cwd in path": "" in __import__("sys").path, "core": __import__("resource").getrlimit(4)[0]}


_kept = bytearray()
WAYS = {"abort": _abort, "hold the lock": _hold_the_lock, "wait": _wait, "eat": _eat, "grow": _grow, "connect": _connect,
        "native connect": _native_connect, "start": _start, "print": _print, "too much": _too_much, "raise os": _raise_os,
        "raise odd": _raise_odd, "modules": _modules, "facts": _facts}
