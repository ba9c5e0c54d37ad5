"""Jobs: progress, cancelling, failing."""

import threading

from app.services.jobs import JobQueue


def finished(queue, job, states, timeout=30):
    done = threading.Event()
    queue.subscribe(lambda j: done.set() if j is job and j.state in states else None)
    if job.state in states:
        done.set()
    assert done.wait(timeout), job.state


def test_a_job_reports_progress_and_keeps_its_result():
    queue = JobQueue()
    fractions = []
    queue.subscribe(lambda job: fractions.append(job.fraction))

    def work(job):
        job.report(0.5, "half way", frames=12)
        queue.changed(job)
        return "made"

    job = queue.start("export", "Export film", work)
    finished(queue, job, ("done",))
    assert job.result == "made" and job.facts == {"frames": 12} and 0.5 in fractions and job.fraction == 1.0
    queue.close()


def test_a_failing_job_says_why_and_the_next_one_runs():
    queue = JobQueue()

    def work(job):
        raise OSError("disk full")

    bad = queue.start("export", "A", work)
    good = queue.start("export", "B", lambda job: 7)
    finished(queue, good, ("done",))
    assert (bad.state, bad.error) == ("failed", "disk full")
    queue.close()


def test_cancelling_stops_a_running_job_at_its_next_report_and_a_waiting_one_at_once():
    queue = JobQueue()
    started, go = threading.Event(), threading.Event()

    def work(job):
        started.set()
        go.wait(5)
        job.report(0.5)
        raise AssertionError("went on after cancel")

    running, waiting = queue.start("x", "A", work), queue.start("x", "B", lambda job: None)
    started.wait(5)
    queue.cancel(waiting)
    assert waiting.state == "cancelled"
    queue.cancel(running)
    go.set()
    finished(queue, running, ("cancelled",))
    queue.remove(running)
    assert running not in queue.jobs
    queue.close()
    assert waiting.state == "cancelled"
