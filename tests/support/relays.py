"""A real relay in a process of its own, for tests.

Owns: starting, killing, asking for its pages, waiting for it to end a line. Refuses: calling the relay's code.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from app.services.collab.connection import RelayRefuses
from tests.support.ports import quiet_port


class RunningRelay:
    """`proeditor relay` on a port that stays free when it is killed (or a given one; 0: any), with its data in a folder."""

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._errors = (folder / "errors.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "relay", "--data", str(folder / "data"), "--port",
             str(quiet_port() if port is None else port), *options],
            stdout=subprocess.PIPE, stderr=self._errors, env={**os.environ, "PROEDITOR_HOME": str(folder / "home")}, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address, (folder / "errors.txt").read_text()
        self.port = int(self.address.rpartition(":")[2])

    def page(self, path: str) -> str:
        """One of its pages."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def metric(self, name: str) -> float:
        """A number from /metrics."""
        found = [line.split()[1] for line in self.page("/metrics").splitlines() if line.startswith(f"proeditor_relay_{name} ")]
        return float(found[0])

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait(10)
        self._leave()

    def stop(self) -> int:
        """Asks it to stop; its exit status."""
        self.process.terminate()
        status = self.process.wait(10)
        self._leave()
        return status

    def _leave(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._errors.close()

    def __enter__(self) -> RunningRelay:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.kill()


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """A relay for the tests of a module; a conftest makes it known."""
    with RunningRelay(tmp_path_factory.mktemp("relay")) as running:
        yield running


def run(work):
    """Runs a test's connections, for a minute at most."""
    return asyncio.run(asyncio.wait_for(work, 60))


async def cut_off(connection):
    """Seconds until the relay ended a connection that it should end."""
    began = time.monotonic()
    with pytest.raises(RelayRefuses):
        async with asyncio.timeout(5):
            while True:
                await connection.receive()
    return time.monotonic() - began
