"""A real Redis server in a process of its own, for tests: the one installed, or Debian's packages unpacked outside the repository.

Owns: finding or fetching it, starting and stopping. Refuses: being needed; `why_no_redis` says what lacks.
"""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import platformdirs

from tests.support.ports import quiet_port

PACKAGES = ("redis-server", "redis-tools", "liblzf1", "libjemalloc2", "liblua5.1-0", "lua-cjson", "lua-bitop")


def _folder() -> Path:
    return Path(os.environ.get("PROEDITOR_REDIS") or platformdirs.user_cache_dir("proeditor-redis"))


def _unpacked() -> tuple[Path, dict[str, str]] | None:
    root = _folder() / "root"
    found = root / "usr/bin/redis-server"
    if not found.exists():
        return None
    libraries = ":".join(str(path) for path in (root / "usr/lib").glob("*-linux-gnu"))
    return found, {**os.environ, "LD_LIBRARY_PATH": libraries}


@functools.cache
def why_no_redis() -> str:
    """Why there is no Redis server on this machine; empty where there is. Fetches Debian's packages the first time."""
    try:
        import redis  # noqa: F401
    except ImportError:
        return "the Python package redis is not installed"
    if shutil.which("redis-server") or _unpacked():
        return ""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return "redis-server is not installed, and this is not Debian"
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "Debian's packages of Redis did not come in 60 s"
    if done.returncode:
        return f"Debian's packages of Redis could not be fetched: {done.stderr.strip()[-200:]}"
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder / "root"], check=True, timeout=30)
    return "" if _unpacked() else "Debian's packages of Redis hold no redis-server"


class RunningRedis:
    """A server on a free port that keeps nothing; also a context manager."""

    def __init__(self, folder: Path) -> None:
        self.port = quiet_port()
        program, environment = _unpacked() or (Path("redis-server"), dict(os.environ))
        self.url = f"redis://127.0.0.1:{self.port}"
        self._process = subprocess.Popen([program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                                          "--dir", str(folder)], stdout=subprocess.DEVNULL, env=environment)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError("redis-server did not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(5)

    def __enter__(self) -> RunningRedis:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
