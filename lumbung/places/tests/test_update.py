"""A new edition of the list: what is refused, what it asks, what it leaves as it was."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lumbung.places.actions import Undecided, carry_out
from lumbung.places.editions import EditionFile, FaultyEdition, read
from lumbung.places.models import Edition, Place
from lumbung.places.plans import EditionChanged, OlderEdition, UnknownDecision, preview
from lumbung.words import say

NOW = datetime(2026, 11, 23, tzinfo=UTC)
UPPER = {
    "33": "Jawa Tengah",
    "33.26": "Kabupaten Pekalongan",
    "33.26.02": "Paninggaran",
}


def edition(
    number: str, names: dict[str, str], *, on: date = date(2025, 4, 25)
) -> EditionFile:
    return EditionFile(
        number, "a decree", "a source", "ODbL-1.0", on, number * 8, UPPER | names, {}
    )


def load(number: str, names: dict[str, str], **more: str) -> Edition:
    return carry_out(preview(edition(number, names), more or None), now=NOW)


@pytest.fixture
def first(indonesia: Place) -> Edition:
    return load("1", {"33.26.02.2001": "Botosari", "33.26.02.2002": "Domiyang"})


def names() -> dict[str, str]:
    villages = Place.objects.in_force().filter(level=4)
    return dict(villages.order_by("code").values_list("code", "name"))


def test_it_refuses_an_older_edition(first: Edition) -> None:
    with pytest.raises(OlderEdition):
        preview(edition("0", {}, on=date(2020, 1, 1)))


def test_it_refuses_another_content_under_the_same_number(first: Edition) -> None:
    changed = EditionFile("1", "", "", "", date(2025, 4, 25), "other", UPPER, {})

    with pytest.raises(EditionChanged):
        preview(changed)


def test_it_refuses_to_go_on_while_a_doubt_is_open(first: Edition) -> None:
    plan = preview(
        edition("2", {"33.26.02.2001": "Krandon", "33.26.02.2002": "Domiyang"})
    )

    with pytest.raises(Undecided) as refused:
        carry_out(plan, now=NOW)

    assert [say(part) for part in refused.value.parts] == [
        "Apakah 33.26.02.2001 Botosari sekarang menjadi 33.26.02.2001 Krandon?"
    ]
    assert names()["33.26.02.2001"] == "Botosari"
    assert not Edition.objects.filter(number="2").exists()


def test_it_refuses_a_decision_about_a_code_nobody_knows(first: Edition) -> None:
    with pytest.raises(UnknownDecision):
        preview(edition("2", {}), {"33.26.02.9999": ""})


def test_a_preview_writes_nothing(first: Edition) -> None:
    before = set(Place.objects.values_list("uid", "path", "name"))

    preview(edition("2", {"33.26.02.2009": "Werdi"}))

    assert set(Place.objects.values_list("uid", "path", "name")) == before
    assert Edition.objects.count() == 1


def test_the_same_place_decided_keeps_its_row(first: Edition) -> None:
    was = Place.objects.get(code="33.26.02.2001")

    carry_out(
        preview(
            edition("2", {"33.26.02.2001": "Krandon", "33.26.02.2002": "Domiyang"}),
            {"33.26.02.2001": "33.26.02.2001"},
        ),
        now=NOW,
    )

    now = Place.objects.get(pk=was.pk)
    assert (now.uid, now.code, now.name) == (was.uid, "33.26.02.2001", "Krandon")
    assert [former.name for former in now.former_names.all()] == ["Botosari"]


def test_another_place_decided_closes_the_old_and_opens_the_new(first: Edition) -> None:
    was = Place.objects.get(code="33.26.02.2001")

    carry_out(
        preview(
            edition("2", {"33.26.02.2001": "Krandon", "33.26.02.2002": "Domiyang"}),
            {"33.26.02.2001": ""},
        ),
        now=NOW,
    )

    old, new = (
        Place.objects.get(pk=was.pk),
        Place.objects.in_force().get(name="Krandon"),
    )
    assert old.path == "ID.33.26.02.2001~2."
    assert new.path == "ID.33.26.02.2001."
    assert old.uid != new.uid


def test_two_villages_may_change_codes(first: Edition) -> None:
    rows = dict(Place.objects.filter(level=4).values_list("name", "pk"))

    load("2", {"33.26.02.2002": "Botosari", "33.26.02.2001": "Domiyang"})

    assert names() == {"33.26.02.2001": "Domiyang", "33.26.02.2002": "Botosari"}
    assert dict(Place.objects.filter(level=4).values_list("name", "pk")) == rows


def test_a_sub_district_with_a_new_code_takes_its_villages_along(
    first: Edition,
) -> None:
    moved = UPPER | {
        "33.27": "Kabupaten Pemalang",
        "33.27.05": "Paninggaran",
        "33.27.05.2001": "Botosari",
        "33.27.05.2002": "Domiyang",
    }
    del moved["33.26.02"]
    botosari = Place.objects.get(name="Botosari")
    newer = EditionFile("2", "", "", "", date(2026, 1, 1), "2", moved, {})
    plan = preview(newer)
    doubts = {pair.before: pair.after for pair in plan.doubtful}

    carry_out(preview(newer, doubts), now=NOW)

    assert doubts == {"33.26.02": "33.27.05"}
    botosari.refresh_from_db()
    assert (botosari.code, botosari.path) == ("33.27.05.2001", "ID.33.27.05.2001.")
    assert not Place.objects.filter(path__startswith="~").exists()


def test_a_place_that_ended_moves_with_the_territory_that_held_it(
    first: Edition,
) -> None:
    """Its cases and mandates must not fall to whoever gets the old code next."""
    load("2", {"33.26.02.2001": "Botosari"})
    ended = Place.objects.get(name="Domiyang")
    later = {
        "33.26.03": "Paninggaran",
        "33.26.03.2001": "Botosari",
        "33.26.02": "Kandangserang",
        "33.26.02.2001": "Gembong",
    }

    carry_out(
        preview(
            edition("3", later, on=date(2026, 1, 1)),
            {"33.26.02": "33.26.03"},
        ),
        now=NOW,
    )

    ended.refresh_from_db()
    assert ended.path == "ID.33.26.03.2002~2."
    stranger = Place.objects.in_force().get(name="Kandangserang")
    assert not stranger.holds(ended)


def test_a_file_with_faults_names_row_and_what_to_mend(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "# number: 9\n# valid from: 2026-01-01\ncode,name\n33,Jawa Tengah\n"
        "33.26.02,Paninggaran\n33,Twice\n3326,Undotted\n33.27,\n"
    )

    with pytest.raises(FaultyEdition) as refused:
        read(file)

    assert [say(part) for part in refused.value.parts] == [
        "Baris 5: 33.26.02 berada di 33.26, tetapi tidak ada baris sebelumnya yang menyebutnya.",
        "Baris 6: 33 tertulis dua kali.",
        "Baris 7: “3326” bukan kode seperti 33.26.09.2005.",
        "Baris 8: 33.27 tidak punya nama.",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"code,name\n33,Jawa Tengah\n", "number"),
        (b"# number: 9\n# valid from: soon\ncode,name\n33,A\n", "soon"),
        (b"# number: 9\n# valid from: 2026-01-01\nkode,nama\n33,A\n", "kesalahan"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_that_is_no_edition_says_why(
    content: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)

    with pytest.raises(FaultyEdition) as refused:
        read(file)

    assert said in say(refused.value.message)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.csv.xz"
    file.write_bytes(b"not packed at all")

    with pytest.raises(FaultyEdition):
        read(file)


def test_a_village_that_becomes_a_kelurahan_is_one_from_then_on(first: Edition) -> None:
    row = Place.objects.get(name="Botosari")
    assert row.kind == Place.Kind.RURAL_VILLAGE

    load("2", {"33.26.02.1001": "Botosari", "33.26.02.2002": "Domiyang"})

    row.refresh_from_db()
    assert (row.code, row.kind) == ("33.26.02.1001", Place.Kind.URBAN_VILLAGE)


def test_a_sub_district_may_leave_a_district_that_moves_itself(
    indonesia: Place,
) -> None:
    """As when a new province took districts, and one sub-district stayed behind."""
    papua = {"91": "Papua", "91.01": "Kabupaten Merauke", "91.02": "Kabupaten Jayapura"}
    before = papua | {
        "91.01.01": "Semangga",
        "91.01.01.2001": "Wasur",
        "91.01.02": "Kimaam",
        "91.01.02.2001": "Kalilam",
    }
    after = {
        "91": "Papua",
        "91.02": "Kabupaten Jayapura",
        "91.02.07": "Kimaam",
        "91.02.07.2001": "Kalilam",
        "93": "Papua Selatan",
        "93.01": "Kabupaten Merauke",
        "93.01.01": "Semangga",
        "93.01.01.2001": "Wasur",
    }
    older, newer = (
        EditionFile(number, "", "", "", on, number, names, {})
        for number, on, names in [
            ("1", date(2022, 1, 1), before),
            ("2", date(2023, 1, 1), after),
        ]
    )
    carry_out(preview(older), now=NOW)
    rows = dict(Place.objects.values_list("name", "pk"))

    carry_out(preview(newer, {"91.01.02": "91.02.07"}), now=NOW)

    paths = dict(Place.objects.in_force().values_list("code", "path"))
    assert paths == {"ID": "ID."} | {code: f"ID.{code}." for code in after}
    assert Place.objects.get(pk=rows["Kalilam"]).code == "91.02.07.2001"
    assert Place.objects.get(pk=rows["Wasur"]).code == "93.01.01.2001"
