"""Jobs: each is done once, by one worker, whatever happens to workers."""

import errno
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.message import Message, from_json
from lumbung.core.refusal import Refusal
from lumbung.pages import requests
from lumbung.work import loop, queue
from lumbung.work.jobs import JOBS, JobKind, Progress
from lumbung.work.models import Job

NOON = datetime(2020, 2, 14, 12, tzinfo=UTC)
# Jobs asked for in a test wait from the real now on; these moments come after.
LATER = datetime(2100, 1, 1, tzinfo=UTC)
AFTER_LEASE = LATER + queue.LEASE + timedelta(seconds=1)
TITLE = Message("Test")


@pytest.fixture
def kinds() -> Iterator[dict[str, JobKind]]:
    """Kinds of jobs that a test may add to, and no others."""
    kept = dict(JOBS)
    JOBS.clear()
    yield JOBS
    JOBS.clear()
    JOBS.update(kept)


@pytest.fixture
def count(kinds: dict[str, JobKind]) -> list[int]:
    """A job that counts how often it ran."""
    runs: list[int] = []

    def run(job: Job, progress: Progress) -> dict[str, int]:
        progress(1, 2)
        runs.append(job.payload["n"])
        return {"n": job.payload["n"]}

    kinds["count"] = JobKind(run, TITLE)
    return runs


@pytest.mark.django_db
def test_a_job_comes_through_a_door_of_its_own_and_closes_it(
    kinds: dict[str, JobKind],
) -> None:
    """Whoever runs jobs on a command line goes on as the command line afterwards."""
    seen = []
    kinds["look"] = JobKind(
        lambda job, progress: seen.append(requests.door.get()), TITLE
    )
    queue.enqueue("look", {}, by=None)
    before = requests.door.get(), requests.number.get()
    loop.work_off()

    assert seen == ["job"]
    assert (requests.door.get(), requests.number.get()) == before


@pytest.mark.django_db
def test_nothing_is_enqueued_when_the_caller_s_transaction_fails(
    count: list[int],
) -> None:
    def ask_and_fail() -> None:
        with transaction.atomic():
            queue.enqueue("count", {"n": 1}, by=None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()

    assert not Job.objects.exists()


@pytest.mark.django_db
def test_two_workers_take_different_jobs(count: list[int]) -> None:
    one, two = (queue.enqueue("count", {"n": n}, by=None) for n in (1, 2))

    taken = [queue.take(LATER), queue.take(LATER), queue.take(LATER)]

    assert taken == [one, two, None]


@pytest.mark.django_db(transaction=True)
def test_workers_racing_for_many_jobs_do_each_once(count: list[int]) -> None:
    for n in range(12):
        queue.enqueue("count", {"n": n}, by=None)

    stop = threading.Event()
    workers = [threading.Thread(target=loop.run, args=[stop]) for _ in range(3)]
    for worker in workers:
        worker.start()
    ended = Job.objects.filter(state=Job.State.DONE)
    deadline = time.monotonic() + 20
    while ended.count() < 12 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for worker in workers:
        worker.join()

    assert sorted(count) == list(range(12))
    assert ended.count() == 12


@pytest.mark.django_db
def test_a_job_waits_until_its_time(count: list[int]) -> None:
    queue.enqueue("count", {"n": 1}, by=None, after=LATER)

    assert queue.take(LATER - timedelta(seconds=1)) is None
    assert queue.take(LATER)


@pytest.mark.django_db
def test_a_killed_worker_s_job_is_taken_back_after_its_lease(count: list[int]) -> None:
    job = queue.enqueue("count", {"n": 1}, by=None)
    killed = queue.take(LATER)
    assert killed

    assert queue.take(LATER + queue.LEASE / 2) is None
    again = queue.take(AFTER_LEASE)

    assert again == job
    assert again.attempts == 2
    # The first worker wakes up: it may neither report nor end what is not its own.
    with pytest.raises(queue.LeaseLost):
        queue.report(killed, AFTER_LEASE, 1, 1)
    with pytest.raises(queue.LeaseLost):
        queue.finish(killed, AFTER_LEASE, None)
    queue.finish(again, AFTER_LEASE, {"n": 1})
    again.refresh_from_db()
    assert (again.state, again.result) == (Job.State.DONE, {"n": 1})


@pytest.mark.django_db
def test_a_renewed_lease_is_not_taken_back(count: list[int]) -> None:
    queue.enqueue("count", {"n": 1}, by=None)
    job = queue.take(LATER)
    assert job
    queue.renew(job, LATER + queue.LEASE / 2)

    assert queue.take(AFTER_LEASE) is None


@pytest.mark.django_db
def test_a_job_that_kills_three_workers_is_parked(count: list[int]) -> None:
    job = queue.enqueue("count", {"n": 1}, by=None)
    for n in range(3):
        assert queue.take(LATER + n * 2 * queue.LEASE)

    assert queue.take(LATER + 6 * queue.LEASE) is None
    job.refresh_from_db()
    assert job.state == Job.State.PARKED
    assert from_json(job.failure) == queue.DIED


@pytest.mark.django_db
def test_it_parks_what_fails_three_times_and_says_so(
    kinds: dict[str, JobKind], ratna: User, client: Client
) -> None:
    tries: list[int] = []

    def run(job: Job, progress: Progress) -> Any:
        tries.append(job.attempts)
        raise ValueError("a bug of ours")

    kinds["broken"] = JobKind(run, TITLE)
    job = queue.enqueue("broken", {}, by=ratna)
    for _ in range(5):
        loop.work_off()
        Job.objects.filter(state=Job.State.WAITING).update(run_after=NOON)

    assert tries == [1, 2, 3]
    job.refresh_from_db()
    assert job.state == Job.State.PARKED
    client.force_login(ratna)
    page = client.get(reverse("work:job", args=[job.uid])).content.decode()
    assert str(job.uid) in page
    assert "a bug of ours" not in page


@pytest.mark.django_db
def test_a_refusal_is_parked_at_once_in_its_own_words(
    kinds: dict[str, JobKind],
) -> None:
    why = Message("The barn is empty.")

    def run(job: Job, progress: Progress) -> Any:
        raise Refusal(why)

    kinds["refused"] = JobKind(run, TITLE)
    job = queue.enqueue("refused", {}, by=None)
    loop.work_off()

    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.PARKED, 1)
    assert from_json(job.failure) == why


@pytest.mark.django_db
def test_one_broken_job_does_not_stop_the_next(
    count: list[int],
) -> None:
    Job.objects.create(kind="of an earlier version", asked_at=NOON, run_after=NOON)
    queue.enqueue("count", {"n": 7}, by=None)

    loop.work_off()

    assert count == [7]


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_the_lease_of_silent_work(count: list[int]) -> None:
    queue.enqueue("count", {"n": 1}, by=None)
    job = queue.take(datetime.now(UTC) + timedelta(seconds=1))
    assert job
    Job.objects.update(leased_until=NOON)

    with loop.heartbeat(job, every=timedelta(seconds=0.02)):
        for _ in range(200):
            job.refresh_from_db()
            if job.leased_until != NOON:
                break
            threading.Event().wait(0.02)

    assert job.leased_until
    assert job.leased_until > NOON


@pytest.mark.django_db
def test_what_runs_by_itself_is_asked_for_once_in_its_span(
    kinds: dict[str, JobKind],
) -> None:
    kinds["daily"] = JobKind(lambda job, progress: None, TITLE, every=timedelta(days=1))
    for hour in (0, 6, 12, 30):
        queue.ask_for_what_is_due(
            datetime(2020, 2, 14, tzinfo=UTC) + timedelta(hours=hour)
        )

    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_nobody_sees_another_s_job(
    count: list[int], ratna: User, budi: User, client: Client
) -> None:
    job = queue.enqueue("count", {"n": 1}, by=ratna)
    client.force_login(budi)

    assert client.get(reverse("work:job", args=[job.uid])).status_code == 404
    assert str(job.uid) not in client.get(reverse("work:jobs")).content.decode()


@pytest.mark.django_db
def test_the_page_shows_progress_and_htmx_gets_only_the_part(
    count: list[int], ratna: User, client: Client
) -> None:
    job = queue.enqueue("count", {"n": 1}, by=ratna)
    taken = queue.take(LATER)
    assert taken
    queue.report(taken, LATER, 1200, 5000)
    client.force_login(ratna)
    address = reverse("work:job", args=[job.uid])

    page = client.get(address).content.decode()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert "1.200" in page
    assert "5.000" in part
    assert "<html" not in part
    assert 'hx-trigger="every 2s"' in part
    queue.finish(taken, LATER, None)
    ended = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in ended


def test_a_job_waits_for_space_however_often_the_disk_is_full(
    kinds: dict[str, JobKind], ratna: User
) -> None:
    space = [False]

    def run(job: Job, progress: Progress) -> str:
        if not space[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return "done"

    kinds["writing"] = JobKind(run, TITLE)
    job = queue.enqueue("writing", {}, by=ratna)
    for _ in range(5):
        loop.work_off()
        Job.objects.update(run_after=NOON)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.WAITING, 0)

    space[0] = True
    loop.work_off()
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.DONE, "done")
