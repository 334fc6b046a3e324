"""The trail, sealed: what is proven, and which tampering `check` names."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from lumbung.accounts import audit, seals
from lumbung.accounts.batches import Seal
from lumbung.accounts.models import Event, User
from lumbung.accounts.proof import NoHead, check
from lumbung.core.finding import Proof
from lumbung.core.seal import batch_digest, erase
from lumbung.places.models import Place

NOW = timezone.now()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any) -> None:
    """A folder of its own for each test: the head of another test is no witness."""
    settings.HOME = tmp_path


def happen(by: User, place: Place, count: int = 1) -> list[Event]:
    return [
        audit.record(
            "open_case",
            by=by,
            on=place,
            place=place,
            programme="lab",
            before={"title": None},
            after={"title": f"Berkas {number}", "on": NOW.date(), "share": 0.5},
        )
        for number in range(count)
    ]


@pytest.fixture
def sealed(siti: User, botosari: Place, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Ten events in three batches of four, four and two."""
    monkeypatch.setattr(seals, "BATCH", 4)
    events = happen(siti, botosari, 10)
    seals.seal(NOW)
    return events


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def codes(proof: Proof) -> list[str]:
    return sorted(finding.code for finding in proof.findings)


def proven(**options: Any) -> Proof:
    return check(now=NOW, **options)


def test_it_proves_what_nobody_touched(sealed: list[Event]) -> None:
    proof = proven()

    assert proof.holds
    assert proof.findings == []
    assert proof.counts == {
        "batches": 3,
        "sealed": 10,
        "proven": 10,
        "unsealed": 0,
        "oldest_unsealed_s": 0,
        "head": str(seals.head()),
    }


def test_it_seals_each_event_once(sealed: list[Event], siti: User) -> None:
    seals.seal(NOW)
    happen(siti, Place.objects.get(name="Botosari"), 1)
    newest = seals.seal(NOW)

    assert newest
    assert (newest.number, newest.total) == (4, 11)
    assert [seal.count for seal in Seal.objects.order_by("number")] == [4, 4, 2, 1]
    assert not Event.objects.unsealed().exists()


def test_it_says_how_old_the_oldest_unsealed_event_is(
    siti: User, botosari: Place
) -> None:
    event = happen(siti, botosari)[0]
    Event.objects.filter(pk=event.pk).update(at=NOW - timedelta(hours=2))
    happen(siti, botosari)

    counts = proven().counts
    assert (counts["unsealed"], counts["oldest_unsealed_s"]) == (2, 7200)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("after", '{"title": "Lain"}'),
        ("after", "[1]"),
        ("after", '"Lain"'),
        ("before", None),
        ("at", "2020-02-14 00:00:00+00:00"),
        ("verb", "move_case"),
        ("door", "job"),
        ("programme", "kpel"),
        ("by_id", None),
        ("place_id", None),
        ("row", None),
        ("salt", "0"),
        ("salt", "é"),
        ("table", "x"),
    ],
)
def test_it_names_an_edited_event(
    sealed: list[Event], column: str, value: str | None
) -> None:
    cast = "::jsonb" if connection.vendor == "postgresql" and column == "after" else ""
    sql(
        f'UPDATE accounts_event SET "{column}" = %s{cast} WHERE id = %s',  # noqa: S608
        value,
        sealed[5].pk,
    )

    (finding,) = proven().findings
    assert finding.code == "event_edited"
    assert finding.message.values["uid"] == str(sealed[5].uid)
    assert finding.message.values["batch"] == 2


def test_it_names_a_deleted_event_and_when_it_was_written(sealed: list[Event]) -> None:
    sql("DELETE FROM accounts_event WHERE id = %s", sealed[5].pk)

    (finding,) = proven().findings
    assert finding.code == "event_deleted"
    assert finding.message.values["uid"] == str(sealed[5].uid)
    written = finding.message.values["at"]
    assert isinstance(written, datetime)
    assert abs(written - sealed[5].at) < timedelta(seconds=1)


def swap_rows(one: int, other: int) -> None:
    """Exchange the keys of two events: each stands where the other stood."""
    for old, new in ((one, -1), (other, one), (-1, other)):
        sql("UPDATE accounts_event SET id = %s WHERE id = %s", new, old)


def swap_contents(one: int, other: int) -> None:
    """Exchange what two events say, and leave their uids where they are."""
    columns = [f for f in seals.Line._fields if f not in {"pk", "seal_id", "uid"}]
    names = [{"by": "by_id", "place": "place_id"}.get(name, name) for name in columns]
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        rows = {}
        for key in (one, other):
            cursor.execute(f"SELECT {listed} FROM accounts_event WHERE id = {key}")  # noqa: S608
            rows[key] = cursor.fetchone()
        for key, values in ((one, rows[other]), (other, rows[one])):
            places = ", ".join(f'"{name}" = %s' for name in names)
            change = f"UPDATE accounts_event SET {places} WHERE id = {key}"  # noqa: S608
            cursor.execute(change, values)


@pytest.mark.parametrize("swap", [swap_rows, swap_contents])
def test_it_names_two_swapped_events(
    sealed: list[Event], swap: Callable[[int, int], None]
) -> None:
    swap(sealed[1].pk, sealed[9].pk)

    (finding,) = proven().findings
    assert finding.code == "events_swapped"
    assert finding.message.values == {
        "one": str(sealed[1].uid),
        "batch": 1,
        "other": str(sealed[9].uid),
        "other_batch": 3,
    }


def test_it_names_an_event_put_in_afterwards(
    sealed: list[Event], siti: User, botosari: Place
) -> None:
    (late,) = happen(siti, botosari)
    Event.objects.filter(pk=late.pk).update(seal=Seal.objects.get(number=2))

    (finding,) = proven().findings
    assert finding.code == "event_added"
    assert finding.message.values["uid"] == str(late.uid)


def test_it_names_an_event_marked_as_not_sealed(sealed: list[Event]) -> None:
    Event.objects.filter(pk=sealed[0].pk).update(seal=None)

    assert codes(proven()) == ["event_remarked"]


def delete_batch(number: int) -> None:
    seal = Seal.objects.get(number=number)
    sql("DELETE FROM accounts_event WHERE seal_id = %s", seal.pk)
    sql("DELETE FROM accounts_seal WHERE id = %s", seal.pk)


def test_it_names_the_last_batch_when_it_was_deleted(sealed: list[Event]) -> None:
    gone = seals.head()
    delete_batch(3)

    (finding,) = proven().findings
    assert finding.code == "last_batch_deleted"
    assert finding.message.values["head"] == str(gone)


def test_it_names_a_batch_deleted_from_the_middle(sealed: list[Event]) -> None:
    delete_batch(2)

    (finding,) = proven().findings
    assert finding.code == "batch_deleted"
    assert finding.message.values == {"first": 2}


@pytest.mark.parametrize(
    "change",
    [
        "leaves = replace(leaves, '0', '1')",
        "sealed_at = '2020-02-14 00:00:00+00:00'",
        "total = total + 1",
        "count = count + 1",
        "version = 2",
    ],
)
def test_it_names_a_batch_that_was_changed_itself(
    sealed: list[Event], change: str
) -> None:
    sql(f"UPDATE accounts_seal SET {change} WHERE number = 3")  # noqa: S608

    assert "batch_changed" in codes(proven(quick=True))


def forge(number: int) -> None:
    """Make a batch anew after an edit, as somebody would who can write everything."""
    seal = Seal.objects.get(number=number)
    here = Event.objects.filter(seal=seal).order_by("pk")
    leaves = [str(seals.leaf(line)) for line in seals.lines(here)]
    digest = batch_digest(
        number=number, before=seal.before, sealed_at=seal.sealed_at, leaves=leaves
    )
    Seal.objects.filter(pk=seal.pk).update(leaves="\n".join(leaves), digest=digest)


def test_it_names_the_batch_after_one_that_was_made_anew(sealed: list[Event]) -> None:
    Event.objects.filter(pk=sealed[5].pk).update(verb="move_case")
    forge(2)

    (finding,) = proven().findings
    assert finding.code == "batch_changed"
    assert finding.message.values["number"] == 3


def test_the_folder_remembers_when_the_last_batch_was_made_anew(
    sealed: list[Event],
) -> None:
    Event.objects.filter(pk=sealed[9].pk).update(verb="move_case")
    forge(3)

    assert codes(proven()) == ["history_replaced"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "postgresql" in settings.DATABASES["default"]["ENGINE"], reason="a file"
)
def test_it_names_yesterday_s_file_put_back(
    siti: User, botosari: Place, tmp_path: Path
) -> None:
    happen(siti, botosari, 2)
    seals.seal(NOW)
    copy = sqlite3.connect(tmp_path / "yesterday.sqlite3")
    connection.connection.backup(copy)
    happen(siti, botosari, 2)
    today = seals.seal(NOW)
    copy.backup(connection.connection)
    copy.close()

    (finding,) = proven().findings
    assert finding.code == "database_older"
    assert finding.message.values["head"] == str(today)

    # And it still knows when the old copy went on and was sealed again.
    happen(siti, botosari, 3)
    seals.seal(NOW)
    assert codes(proven()) == ["history_replaced"]
    assert not seals.agrees_with_file()

    # Until somebody says that it was meant.
    newest = seals.head()
    assert newest
    seals.keep_head(newest)
    assert proven().holds


def test_a_head_written_down_proves_that_the_history_goes_on_from_it(
    sealed: list[Event], siti: User, botosari: Place
) -> None:
    early = Seal.objects.get(number=1)
    assert proven(since=f" {str(early).upper()} ").holds

    happen(siti, botosari)
    seals.seal(NOW)
    assert proven(since=str(early)).holds
    assert codes(proven(since=f"2-{early.digest[:20]}")) == ["head_differs"]
    assert codes(proven(since=f"9-{early.digest}")) == ["head_unknown"]


@pytest.mark.parametrize("text", ["", "12", "x-0123456789abcdef", "1-0123", "1-zz" * 9])
def test_it_refuses_what_is_no_head(sealed: list[Event], text: str) -> None:
    if text:
        with pytest.raises(NoHead):
            proven(since=text)


def test_a_missing_head_file_is_only_a_note(sealed: list[Event]) -> None:
    seals.file().unlink()
    proof = proven()
    assert (codes(proof), proof.holds) == (["head_file_missing"], True)

    seals.file().write_text("{")
    assert codes(proven()) == ["head_file_unreadable"]


def test_an_erased_value_leaves_the_proof_whole(sealed: list[Event]) -> None:
    event = Event.objects.get(pk=sealed[3].pk)
    before, after, salt = erase(event.before, event.after, event.salt, ["title"])
    Event.objects.filter(pk=event.pk).update(before=before, after=after, salt=salt)

    assert proven().holds
    event.refresh_from_db()
    assert "Berkas 3" not in str(event.after)
    assert [change.after for change in audit.changes(event)][-1] == "(dihapus)"

    # What was not erased is still held by it.
    Event.objects.filter(pk=event.pk).update(after=event.after | {"share": 0.6})
    assert codes(proven()) == ["event_edited"]


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_seal_each_event_once(
    siti: User, botosari: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "BATCH", 3)
    happen(siti, botosari, 40)

    def work() -> None:
        try:
            seals.seal(NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    proof = proven()
    assert proof.findings == []
    assert (proof.counts["sealed"], proof.counts["unsealed"]) == (40, 0)


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_sealed_later(
    siti: User, botosari: Place
) -> None:
    """On PostgreSQL a lower key may come to light after a higher one was sealed."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer: keys come to light in order")
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                happen(siti, botosari)
                begun.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    happen(siti, botosari)
    seals.seal(NOW)
    go_on.set()
    thread.join()
    newest = seals.seal(NOW)

    assert newest
    assert (newest.number, newest.total) == (2, 2)
    assert proven().findings == []


@pytest.fixture(autouse=True)
def _nothing_left_over(tmp_path: Path) -> Iterator[None]:
    yield
    assert list(tmp_path.glob(".writing-*")) == []


def test_an_event_has_one_digest_whatever_the_database(
    siti: User, botosari: Place
) -> None:
    """Run on both databases, it says that a restored trail is still sealed."""
    User.objects.filter(pk=siti.pk).update(uid="0190a0b0-c0d0-7000-8000-000000000001")
    Place.objects.filter(pk=botosari.pk).update(
        uid="0190a0b0-c0d0-7000-8000-000000000002"
    )
    odd = {"z": 1.0, "a": 1e16, "ü": "Desa “Bótó”\n", "tiny": 1e-7, "in": [0.1, None]}
    event = Event.objects.create(
        uid="0190a0b0-c0d0-7000-8000-000000000003",
        at=datetime(2020, 2, 14, 8, 30, 0, 120, tzinfo=UTC),
        by=siti,
        door="page",
        verb="open_case",
        table="programmes.case",
        row="0190a0b0-c0d0-7000-8000-000000000004",
        place=botosari,
        programme="lab",
        after=odd | {"deep": odd},
        salt="00112233445566778899aabbccddeeff",
    )

    (line,) = seals.lines(Event.objects.filter(pk=event.pk))
    expected = "72d6493f1aa27e83880754c058692b7b9688e1177dc007355840a8da880a9ce8"
    assert seals.digest(line) == expected
