"""A territory takes out all that is its own, nothing of others, and no secret."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lumbung.accounts import actions as accounts
from lumbung.accounts.models import Event, User
from lumbung.archive.actions import take_out
from lumbung.archive.commands import backup, export
from lumbung.archive.tests.homes import contents, lumbung, silent
from lumbung.evidence.actions import add_evidence
from lumbung.evidence.tests.files import paper, upload
from lumbung.imports.actions import accept_import
from lumbung.measures.models import Question
from lumbung.measures.runs.actions import start_run
from lumbung.measures.tests.villages import VALUES, found_district, observe, rule
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.models import Case

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)
DAY = date(2017, 12, 4)


@pytest.fixture
def of_kampar(lived_in: Path, kampar: Place, budi: User, case: Case) -> list[str]:
    """What Kampar has, by words that no other row has."""
    own = actions.open_case(
        programme=case.programme,
        template="village",
        title="Berkas Kampar-Contoh",
        place=kampar,
        responsible=budi,
        on=DAY,
        by=budi,
        origin=case,
    )
    evidence = add_evidence(
        upload=upload(paper(), "rahasia.pdf"),
        title="Bukti Kampar-Contoh",
        place=kampar,
        programme="lab",
        dated_on=DAY,
        by=budi,
    )
    laid = actions.attach_evidence(
        case=own, requirement="photo", evidence=evidence, by=budi
    )
    events = Event.objects.filter(place=kampar).values_list("uid", flat=True)
    return [
        *("Kampar-Contoh", "rahasia.pdf", own.number, budi.username, kampar.name),
        *map(str, (own.uid, evidence.uid, laid.uid, budi.uid, kampar.uid)),
        *(evidence.file.sha256, *map(str, events)),
    ]


def taken(place: Place, to: Path) -> dict[str, str]:
    """The whole text of each file of a territory's archive."""
    take_out(place=place, to=to, now=NOW, progress=silent(""))
    return {
        path.name: gzip.decompress(path.read_bytes()).decode()
        if path.suffix == ".gz"
        else path.read_bytes().decode("latin-1")
        for path in to.rglob("*")
        if path.is_file()
    }


def rows(found: dict[str, str], label: str) -> list[dict[str, Any]]:
    head, *lines = found[f"{label}.jsonl.gz"].splitlines()
    return [
        dict(zip(json.loads(head), json.loads(line), strict=True)) for line in lines
    ]


def test_nothing_from_outside_is_in_it(
    of_kampar: list[str], pekalongan: Place, tmp_path: Path
) -> None:
    found = taken(pekalongan, tmp_path / "out")
    leaked = [
        (word, name) for word in of_kampar for name in found if word in found[name]
    ]
    assert leaked == []
    assert all(of_kampar)
    assert len(of_kampar) > 12


def test_all_that_is_its_own_is_in_it(
    of_kampar: list[str], pekalongan: Place, tmp_path: Path, case: Case, siti: User
) -> None:
    found = taken(pekalongan, tmp_path / "out")
    assert [row["uid"] for row in rows(found, "programmes.case")] == [str(case.uid)]
    assert len(rows(found, "programmes.stepevidence")) == 1
    assert len(rows(found, "evidence.evidence")) == 1
    assert sum("evidence/" in name for name in contents(tmp_path / "out").files) == 2
    assert siti.username in {row["username"] for row in rows(found, "accounts.user")}
    here = Event.objects.filter(place__path__startswith=pekalongan.path)
    assert len(rows(found, "accounts.event")) == here.count() > 0
    paths = {row["path"] for row in rows(found, "places.place")}
    assert {"ID.", "ID.33.", "ID.33.26.", "ID.33.26.02.2008."} <= paths


def test_a_copy_elsewhere_does_not_bring_its_origin_along(
    of_kampar: list[str], kampar: Place, tmp_path: Path, case: Case
) -> None:
    """Kampar's case copies Botosari's: that one stands outside, so the link is empty."""
    found = taken(kampar, tmp_path / "out")
    [own] = rows(found, "programmes.case")
    assert own["origin_id"] is None
    assert str(case.uid) not in found["programmes.case.jsonl.gz"]


def test_no_secret_and_no_key_of_the_database_is_in_it(
    lived_in: Path, pekalongan: Place, tmp_path: Path, ratna: User
) -> None:
    ratna.set_password("tiga-puluh-kursi-rotan")
    ratna.email = "ratna@example.test"
    ratna.save()
    _, token = accounts.make_token(
        label="alat", until=NOW.replace(year=2027), by=ratna, now=NOW
    )
    before = (ratna.password, ratna.email, token, ratna.tokens.get().digest)
    found = taken(pekalongan, tmp_path / "out")
    assert [s for s in before if any(s in text for text in found.values())] == []
    for name in found:
        if name.endswith(".gz") and '"id"' in found[name].splitlines()[0]:
            numbers = [row["id"] for row in rows(found, name.removesuffix(".jsonl.gz"))]
            assert numbers == list(range(1, len(numbers) + 1)), name


def test_a_role_goes_along_with_what_it_may_do(
    lived_in: Path, pekalongan: Place, tmp_path: Path
) -> None:
    found = taken(pekalongan, tmp_path / "out")
    roles = {row["id"] for row in rows(found, "accounts.role")}
    assert {row["role_id"] for row in rows(found, "accounts.ability")} == roles != set()


def test_who_runs_the_server_leaves_a_trail_too(
    lived_in: Path, pekalongan: Place, tmp_path: Path
) -> None:
    result = CliRunner().invoke(export, ["--place", "33.26", str(tmp_path / "out.zip")])

    assert result.exit_code == 0, result.output
    event = Event.objects.get(verb="ask_for_export")
    assert (event.by, event.place, event.door) == (None, pekalongan, "command")


def test_who_copies_everything_leaves_a_trail_when_it_is_done(
    lived_in: Path, indonesia: Place, tmp_path: Path
) -> None:
    to = tmp_path / "all.zip"
    assert CliRunner().invoke(backup, [str(to)]).exit_code == 0
    assert CliRunner().invoke(backup, [str(to)]).exit_code == 1  # it is in the way

    event = Event.objects.get(verb="back_up")
    assert (event.by, event.place, event.door) == (None, indonesia, "command")
    assert event.after == {"file": str(to)}


def test_a_territory_goes_into_a_folder_that_is_there(
    lived_in: Path, pekalongan: Place, tmp_path: Path
) -> None:
    result = CliRunner().invoke(export, ["--place", "33.26", str(tmp_path)])

    assert result.exit_code == 0, result.output
    assert len(list(tmp_path.glob("lumbung-33.26-*.zip"))) == 1


def test_where_nothing_can_be_written_it_says_so(
    lived_in: Path, tmp_path: Path
) -> None:
    file = tmp_path / "a file"
    file.touch()

    refused = CliRunner().invoke(backup, [str(file / "all.zip")])

    assert refused.exit_code == 1
    assert "tidak dapat ditulis" in refused.output


def test_runs_and_questions_go_with_their_territory_and_no_other(
    lived_in: Path, pekalongan: Place, botosari: Place, kampar: Place, ratna: User
) -> None:
    """Everybody may read them, wherever they are: that makes them nobody else's."""
    found_district(pekalongan, botosari)
    observe(ratna, VALUES)
    run = start_run(rule=rule(), place=pekalongan, period="2019", by=ratna, now=NOW)
    accept_import(of=run.of, by=ratna, now=NOW)
    question = Question.objects.create(
        address="nilai?tempat=33.26.02.2008",
        title="Bagian desil 1–4",
        value="40 %",
        is_reference=True,
        place=botosari,
        text="Angka ini keliru.",
        asked_by=ratna,
        asked_at=NOW,
        answer_by=DAY,
        responsible=ratna,
    )
    own = taken(pekalongan, lived_in / "pekalongan")
    assert [row["uid"] for row in rows(own, "measures.run")] == [str(run.uid)]
    assert [row["uid"] for row in rows(own, "measures.question")] == [str(question.uid)]
    assert {f"{run.rows}.parquet", f"{run.labels}.parquet"} <= own.keys()

    others = taken(kampar, lived_in / "kampar")
    assert rows(others, "measures.run") == rows(others, "measures.question") == []
    assert not [name for name in others if name.endswith(".parquet")]


@pytest.mark.slow
def test_out_and_in_and_out_again_is_the_same(
    of_kampar: list[str], pekalongan: Place, tmp_path: Path
) -> None:
    out, home = tmp_path / "out.zip", tmp_path / "baru"
    take_out(place=pekalongan, to=out, now=NOW, progress=silent(""))
    lumbung("restore", out, home=home)
    lumbung("export", "--place", "33.26", tmp_path / "again.zip", home=home)
    again = contents(tmp_path / "again.zip")
    assert again.digests() == contents(out).digests()
    assert again.kind == "territory"
    assert again.place == "33.26"
