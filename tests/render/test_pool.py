"""Media workers as real processes: crashes, hangs, limits, cancelling. Owns: tests of render.pool, spawn, confine and tasks.serve.
Refuses: media, which the tasks' own tests have."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, as_completed
from pathlib import Path

import psutil
import pytest

from render.confine import Limits, available_mib, machine_mib
from render.nursery import Nursery
from render.playback.render_server import LEAST_CACHE, MOST_CACHE, cache_bytes
from render.pool import PoolClosed, TaskCrashed, TaskFailed, TaskPool, TaskTimeout

PLANTED = {"PROEDITOR_TASK_PACKAGES": "tests.render.planted_tasks"}


@pytest.fixture(params=["each started", "split off"])
def pool(request: pytest.FixtureRequest) -> Iterator[TaskPool]:
    nursery = Nursery(["echo"], Limits(), PLANTED) if request.param == "split off" else None
    with TaskPool(1, environment=PLANTED, nursery=nursery) as made:
        yield made


def _misbehave(pool: TaskPool, how: str, **args: object) -> object:
    return pool.submit("misbehave", {"how": how, **args}, timeout=20).result(25)["answer"]


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not psutil.pid_exists(pid)


def test_a_task_reports_and_returns_plain_values(pool: TaskPool) -> None:
    heard: list[dict[str, object]] = []
    args = {"a": [1, 2.5, None, "ä", b"\x00\xff"], "b": {"c": True}}
    result = pool.submit("echo", args, on_progress=heard.append).result(20)
    assert result["args"] == args and heard == [{"done": 0.5}]


def test_a_worker_is_used_again_for_the_next_task(pool: TaskPool) -> None:
    pids = {pool.submit("echo", {}).result(20)["pid"] for _ in range(5)}
    assert len(pids) == 1 and os.getpid() not in pids


def test_a_task_that_aborts_the_process_is_told_and_the_pool_goes_on(pool: TaskPool) -> None:
    with pytest.raises(TaskCrashed, match=r"ended the media process \(ended by signal 6\)"):
        pool.submit("misbehave", {"how": "abort"}, about="clip.mp4").result(20)
    assert pool.submit("echo", {"x": 1}).result(20)["args"] == {"x": 1}


def test_a_worker_killed_from_outside_costs_one_task(pool: TaskPool) -> None:
    pid = pool.submit("echo", {}).result(20)["pid"]
    future = pool.submit("misbehave", {"how": "wait"})
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(TaskCrashed, match="signal 9"):
        future.result(10)
    assert pool.submit("echo", {}).result(20)["pid"] != pid


def test_a_worker_killed_while_idle_costs_nothing(pool: TaskPool) -> None:
    pid = pool.submit("echo", {}).result(20)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert _gone(pid)
    assert pool.submit("echo", {}).result(20)["pid"] != pid


def test_a_hung_native_call_is_ended_by_the_watchdog() -> None:
    with TaskPool(1, environment=PLANTED, silence=1.5) as pool:
        pid = pool.submit("echo", {}).result(20)["pid"]
        begun = time.monotonic()
        with pytest.raises(TaskCrashed, match="stopped answering"):
            pool.submit("misbehave", {"how": "hold the lock"}, timeout=None).result(20)
        assert time.monotonic() - begun < 18
        assert _gone(pid)
        assert pool.submit("echo", {}).result(20)["pid"] != pid


def test_a_stopped_worker_is_ended_by_the_watchdog() -> None:
    with TaskPool(1, environment=PLANTED, silence=1.5) as pool:
        pid = pool.submit("echo", {}).result(20)["pid"]
        future = pool.submit("misbehave", {"how": "wait"}, timeout=None)
        time.sleep(0.2)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(TaskCrashed, match="stopped answering"):
            future.result(20)
        assert _gone(pid)


def test_a_task_over_its_time_is_stopped(pool: TaskPool) -> None:
    with pytest.raises(TaskTimeout, match=r"longer than 0\.5 seconds"):
        pool.submit("misbehave", {"how": "wait"}, timeout=0.5).result(10)
    with pytest.raises(TaskTimeout, match=r"no progress for 0\.5 seconds"):
        pool.submit("misbehave", {"how": "wait"}, timeout=None, quiet=0.5).result(10)
    assert pool.submit("echo", {}).result(20)


def test_cancelling_ends_a_running_task_at_once(pool: TaskPool) -> None:
    pid = pool.submit("echo", {}).result(20)["pid"]
    future = pool.submit("misbehave", {"how": "wait"})
    behind = pool.submit("echo", {"n": 2})
    while not future.running():
        time.sleep(0.01)
    assert future.cancel() and future.cancelled()
    with pytest.raises(CancelledError):
        future.result(1)
    assert _gone(pid)
    assert behind.result(20)["args"] == {"n": 2}
    assert list(as_completed([future, behind], timeout=1))


def test_a_waiting_task_that_is_cancelled_never_runs(pool: TaskPool) -> None:
    first = pool.submit("echo", {"seconds": 0.5})
    waiting = pool.submit("echo", {})
    assert waiting.cancel() and first.result(20) and not first.cancel()


def test_higher_priority_goes_first(pool: TaskPool) -> None:
    order: list[str] = []
    done = [pool.submit("echo", {"seconds": 0.4})]
    while not done[0].running():
        time.sleep(0.01)
    for name, priority in (("low", -1), ("normal", 0), ("high", 5), ("normal too", 0)):
        future = pool.submit("echo", {}, priority=priority)
        future.add_done_callback(lambda _, name=name: order.append(name))
        done.append(future)
    for future in done:
        future.result(20)
    assert order == ["high", "normal", "normal too", "low"]


def test_several_workers_run_at_once() -> None:
    with TaskPool(2, environment=PLANTED) as pool:
        for future in [pool.submit("echo", {"seconds": 0.5}) for _ in range(2)]:
            future.result(20)
        begun = time.monotonic()
        pids = {future.result(20)["pid"] for future in [pool.submit("echo", {"seconds": 1.5}) for _ in range(2)]}
        assert len(pids) == 2 and time.monotonic() - begun < 2.9


def test_workers_are_replaced_after_so_many_tasks() -> None:
    with TaskPool(1, environment=PLANTED, tasks_each=2) as pool:
        pids = [pool.submit("echo", {}).result(20)["pid"] for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_workers_that_hold_much_memory_are_replaced() -> None:
    with TaskPool(1, environment=PLANTED, recycle_mib=200) as pool:
        grown = int(str(_misbehave(pool, "grow", mib=300)))
        assert _gone(grown)
        assert pool.submit("echo", {}).result(20)["pid"] != grown


def test_idle_workers_end_and_come_back() -> None:
    with TaskPool(1, environment=PLANTED, idle_after=0.3) as pool:
        pid = pool.submit("echo", {}).result(20)["pid"]
        assert _gone(pid)
        assert pool.submit("echo", {}).result(20)["pid"] != pid


def test_closing_the_pool_ends_its_processes_and_cancels_its_tasks() -> None:
    pool = TaskPool(1, environment=PLANTED)
    pid = pool.submit("echo", {}).result(20)["pid"]
    running, waiting = pool.submit("misbehave", {"how": "wait"}), pool.submit("echo", {})
    while not running.running():
        time.sleep(0.01)
    pool.close()
    assert running.cancelled() and waiting.cancelled() and _gone(pid)
    with pytest.raises(PoolClosed):
        pool.submit("echo", {})


def test_memory_is_bounded() -> None:
    with (TaskPool(1, environment=PLANTED, limits=Limits(memory_mib=400)) as pool,
          pytest.raises(TaskFailed, match="more memory than a media process may use") as failure):
        _misbehave(pool, "eat")
    assert failure.value.kind == "MemoryError"


def test_there_is_no_network_for_python_or_native_code(pool: TaskPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(TaskFailed, match=r"no network|may not do this"):
            _misbehave(pool, "connect", port=port)
        answer = _misbehave(pool, "native connect", port=port)
        permitted = subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
        assert answer == "refused" or not permitted


def test_a_media_process_starts_no_other(pool: TaskPool) -> None:
    with pytest.raises(TaskFailed, match="may not do this"):
        _misbehave(pool, "start")


def test_what_a_library_prints_does_not_disturb_the_channel(pool: TaskPool) -> None:
    assert _misbehave(pool, "print") == "printed"
    assert pool.submit("echo", {}).result(20)


def test_a_result_too_large_is_a_failure_not_a_crash(pool: TaskPool) -> None:
    pid = pool.submit("echo", {}).result(20)["pid"]
    with pytest.raises(TaskFailed, match="too large"):
        _misbehave(pool, "too much")
    assert pool.submit("echo", {}).result(20)["pid"] == pid


def test_failures_read_as_sentences(pool: TaskPool) -> None:
    with pytest.raises(TaskFailed, match=r"^No such file or directory: /nowhere/at all$"):
        _misbehave(pool, "raise os")
    with pytest.raises(TaskFailed, match="failed unexpectedly") as failure:
        _misbehave(pool, "raise odd")
    assert "Traceback" not in str(failure.value)
    with pytest.raises(TaskFailed, match="no media task 'nothing'"):
        pool.submit("nothing", {}).result(20)


def test_a_task_that_cannot_be_sent_fails_and_the_next_one_runs(pool: TaskPool) -> None:
    for _ in range(3):
        with pytest.raises(TaskCrashed, match="cannot be sent"):
            pool.submit("echo", {"path": "caf\udce9.mp4"}).result(20)
    assert pool.submit("echo", {"x": 1}).result(20)["args"] == {"x": 1}


def test_background_workers_are_nice_and_leave_no_core_file() -> None:
    with TaskPool(1, environment=PLANTED, limits=Limits(nice=7)) as pool:
        facts = _misbehave(pool, "facts")
    assert facts == {"nice": min(19, os.nice(0) + 7), "cwd in path": False, "core": 0}


def test_a_worker_dies_with_its_client(tmp_path: Path) -> None:
    script = ("import os, sys, time\nfrom render.pool import TaskPool\n"
              "pool = TaskPool(1)\nprint(pool.submit('echo', {}).result(20)['pid'], flush=True)\n"
              "pool.submit('misbehave', {'how': 'hold the lock'}, timeout=None)\ntime.sleep(30)\n")
    client = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, **PLANTED})
    assert client.stdout is not None
    pid = int(client.stdout.readline())
    time.sleep(0.3)
    client.kill()
    client.wait()
    client.stdout.close()
    assert _gone(pid)


def test_the_client_side_never_loads_media_libraries() -> None:
    script = ("import sys\nimport render.pool, render.spawn, render.wire, render.confine, render.messages\n"
              "from render.pool import TaskPool\nwith TaskPool(1) as pool:\n    pool.submit('echo', {}).result(20)\n"
              "print(sorted({m.partition('.')[0] for m in sys.modules} & {'av', 'skia', 'cv2', 'numpy', 'PySide6', 'miniaudio'}))")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, env={**os.environ, **PLANTED})
    assert done.stdout.strip() == "[]", done.stderr


def test_submitting_from_many_threads_loses_nothing() -> None:
    with TaskPool(2, environment=PLANTED) as pool:
        results: list[int] = []

        def some(first: int) -> None:
            futures = [pool.submit("echo", {"n": first + n}) for n in range(25)]
            results.extend(future.result(30)["args"]["n"] for future in futures)

        threads = [threading.Thread(target=some, args=(100 * n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(results) == sorted(100 * a + b for a in range(4) for b in range(25))


def test_the_memory_of_the_machine_is_known_where_the_system_tells_it() -> None:
    if Path("/proc/meminfo").exists():
        assert 0 < available_mib() <= machine_mib()
    assert cache_bytes(0) == cache_bytes(1024) == LEAST_CACHE and cache_bytes(1 << 20) == MOST_CACHE
    assert LEAST_CACHE < cache_bytes(8192) < MOST_CACHE
