"""When the list of places changes: who may, what is written down, who follows."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import lumbung.desk.place_commands  # noqa: F401  # adds its commands to `places`
from lumbung.accounts.models import Event, ExclusiveRoles, Mandate, Role, User
from lumbung.accounts.posts import RolesExclude
from lumbung.conftest import give, make_place
from lumbung.desk import place_commands  # noqa: F401  # adds its commands
from lumbung.desk.place_update import (
    MayNotUpdate,
    NoSuccessor,
    StillInForce,
    effects,
    follow,
    unsettled,
    update_places,
)
from lumbung.places.actions import Undecided
from lumbung.places.commands import places as command
from lumbung.places.editions import EditionFile
from lumbung.places.models import Edition, Place, Succession
from lumbung.places.plans import preview
from lumbung.programmes.models import Case, CasePlace, PackVersion, Programme

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MERGED = Succession.Kind.MERGED
HERE = {
    "33": "Jawa Tengah",
    "33.26": "Kabupaten Pekalongan",
    "33.26.02": "Paninggaran",
    "33.26.02.2008": "Botosari",
}


def edition(names: dict[str, str], number: str = "2") -> EditionFile:
    return EditionFile(number, "a decree", "", "", date(2026, 1, 1), number, names, {})


@pytest.fixture
def domiyang(botosari: Place, paninggaran: Place) -> Place:
    return make_place("33.26.02.2009", "Domiyang", paninggaran)


def make_case(
    number: str, responsible: User, main: Place, *others: Place, state: str = "running"
) -> Case:
    pack, _ = PackVersion.objects.get_or_create(
        code="lab", version="1", defaults={"content": {}, "loaded_at": NOW}
    )
    programme, _ = Programme.objects.get_or_create(code="lab", defaults={"pack": pack})
    case = Case.objects.create(
        number=number,
        programme=programme,
        pack=pack,
        template="village",
        title=number,
        state=state,
        step="start",
        position=1,
        since=date(2026, 1, 1),
        responsible=responsible,
        opened_on=date(2026, 1, 1),
        moved_on=date(2026, 1, 1),
    )
    CasePlace.objects.create(case=case, place=main, role=CasePlace.Role.MAIN)
    for other in others:
        CasePlace.objects.create(case=case, place=other, role=CasePlace.Role.ALSO)
    return case


def where(case: Case) -> dict[str, str]:
    return dict(case.places.values_list("place__name", "role"))


def end(place: Place, by: User | None = None) -> None:
    """Put an edition into force that has `place` no longer."""
    names = HERE | {"33.26.02.2009": "Domiyang"}
    del names[place.code]
    update_places(edition=edition(names), by=by, now=NOW)


def test_only_who_may_update_places_for_the_country_updates_them(
    ratna: User, maria: User, tono: User, botosari: Place
) -> None:
    for person in (ratna, maria, tono):
        with pytest.raises(MayNotUpdate):
            update_places(edition=edition(HERE), by=person, now=NOW)

    assert not Edition.objects.exists()
    assert not Event.objects.exists()


def test_nothing_follows_from_a_place_in_force(
    ani: User, botosari: Place, domiyang: Place
) -> None:
    with pytest.raises(StillInForce):
        follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)


def test_a_successor_is_in_force_and_of_the_same_level(
    ani: User, botosari: Place, domiyang: Place, paninggaran: Place
) -> None:
    end(domiyang, ani)
    domiyang.refresh_from_db()

    for wrong in (paninggaran, domiyang):
        with pytest.raises(NoSuccessor):
            follow(before=domiyang, after=wrong, kind=MERGED, by=ani, now=NOW)


def test_whoever_may_not_lets_nothing_follow(
    ratna: User, botosari: Place, domiyang: Place
) -> None:
    end(domiyang)
    domiyang.refresh_from_db()

    with pytest.raises(MayNotUpdate):
        follow(before=domiyang, after=botosari, kind=MERGED, by=ratna, now=NOW)


def test_an_update_is_one_event_with_its_counts(ani: User, domiyang: Place) -> None:
    end(domiyang, ani)

    event = Event.objects.get()
    assert (event.verb, event.by, event.place) == (
        "update_places",
        ani,
        Place.objects.get(code="ID"),
    )
    assert event.after["edition"] == "2"
    assert (event.after["gone"], event.after["new"]) == (1, 0)


def test_an_update_that_is_refused_leaves_no_trace(ani: User, domiyang: Place) -> None:
    names = HERE | {"33.26.02.2009": "Krandon"}

    with pytest.raises(Undecided):
        update_places(edition=edition(names), by=ani, now=NOW)

    assert not Edition.objects.exists()
    assert not Event.objects.exists()


def test_a_preview_tells_how_much_work_is_touched(
    siti: User, yusuf: User, botosari: Place, domiyang: Place
) -> None:
    make_case("LK-1", siti, domiyang)
    make_case("LK-2", siti, domiyang, state="closed")
    make_case("LK-3", siti, botosari)
    names = HERE | {"33.26.03": "Kandangserang", "33.26.03.2001": "Botosari"}
    del names["33.26.02.2008"]

    found = effects(preview(edition(names)))

    assert (found.cases_waiting, found.mandates_waiting, found.cases_moving) == (
        1,
        0,
        1,
    )


def test_a_case_and_a_mandate_come_along_with_a_new_code(
    yusuf: User, siti: User, botosari: Place, domiyang: Place
) -> None:
    case = make_case("LK-1", siti, botosari)
    names = HERE | {"33.26.02.2009": "Domiyang", "33.26.02.2010": "Botosari"}
    del names["33.26.02.2008"]

    update_places(edition=edition(names), by=None, now=NOW)

    assert Place.objects.get(pk=botosari.pk).code == "33.26.02.2010"
    assert where(case) == {"Botosari": "main"}
    assert yusuf.mandates.get().place == botosari
    assert not unsettled().exists()


def test_open_cases_follow_and_closed_ones_stay(
    ani: User, siti: User, botosari: Place, domiyang: Place
) -> None:
    going = make_case("LK-1", siti, domiyang)
    paused = make_case("LK-2", siti, domiyang, state="paused")
    staying = make_case("LK-3", siti, domiyang, state="closed")
    end(domiyang)
    domiyang.refresh_from_db()
    assert list(unsettled()) == [domiyang]

    done = follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)

    assert {case.number for case in done.cases} == {"LK-1", "LK-2"}
    assert where(going) == where(paused) == {"Botosari": "main"}
    assert where(staying) == {"Domiyang": "main"}
    going.refresh_from_db()
    assert going.version == 2
    assert not unsettled().exists()
    assert Succession.objects.get().after == botosari


def test_a_case_that_has_the_successor_already_gets_it_as_its_main_place(
    ani: User, siti: User, botosari: Place, domiyang: Place
) -> None:
    case = make_case("LK-1", siti, domiyang, botosari)
    end(domiyang)
    domiyang.refresh_from_db()

    follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)

    assert where(case) == {"Botosari": "main", "Domiyang": "also"}


def test_a_divided_place_gives_each_successor_its_cases(
    ani: User, siti: User, botosari: Place, domiyang: Place
) -> None:
    first, second = make_case("LK-1", siti, domiyang), make_case("LK-2", siti, domiyang)
    end(domiyang)
    domiyang.refresh_from_db()

    follow(
        before=domiyang,
        after=botosari,
        kind=Succession.Kind.SPLIT,
        by=ani,
        now=NOW,
        cases=[first],
    )

    assert where(first) == {"Botosari": "main"}
    assert where(second) == {"Domiyang": "main"}


def test_a_mandate_ends_and_its_like_begins_at_the_successor(
    ani: User, yusuf: User, roles: dict[str, Role], domiyang: Place, botosari: Place
) -> None:
    tini = User.objects.create_user(username="tini", name="Tini Lestari")
    old = give(tini, roles["fund_officer"], domiyang)
    end(domiyang)
    domiyang.refresh_from_db()

    done = follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)

    old.refresh_from_db()
    new = done.mandates[0]
    assert (old.ended_by, old.ended_at, old.successor) == (ani, NOW, new)
    assert (new.user, new.place, new.role, new.starts_on) == (
        tini,
        botosari,
        roles["fund_officer"],
        date(2026, 11, 23),
    )


def test_a_mandate_held_at_the_successor_already_is_enough(
    ani: User, yusuf: User, roles: dict[str, Role], domiyang: Place, botosari: Place
) -> None:
    give(yusuf, roles["fund_officer"], domiyang)
    end(domiyang)
    domiyang.refresh_from_db()

    follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)

    live = Mandate.objects.filter(user=yusuf, ended_at=None)
    assert [mandate.place for mandate in live] == [botosari]


def test_one_that_ran_out_there_long_ago_does_not_stand_in_the_way(
    ani: User, yusuf: User, roles: dict[str, Role], domiyang: Place, botosari: Place
) -> None:
    long_ago = Mandate.objects.get(user=yusuf)
    Mandate.objects.filter(pk=long_ago.pk).update(ends_on=date(2018, 1, 1))
    held = give(yusuf, roles["fund_officer"], botosari)
    Mandate.objects.filter(pk=held.pk).update(starts_on=date(2019, 1, 1))
    moved = give(yusuf, roles["fund_officer"], domiyang)
    end(domiyang)
    domiyang.refresh_from_db()

    follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)

    moved.refresh_from_db()
    assert moved.successor == held


def test_roles_that_must_not_meet_do_not_meet_by_a_merger(
    ani: User, yusuf: User, roles: dict[str, Role], domiyang: Place, botosari: Place
) -> None:
    ExclusiveRoles.objects.create(
        one=roles["fund_officer"],
        other=roles["facilitator"],
        reason_id="kas",
        reason_en="cash",
    )
    case = make_case("LK-1", yusuf, domiyang)
    give(yusuf, roles["facilitator"], domiyang)
    end(domiyang)
    domiyang.refresh_from_db()

    with pytest.raises(RolesExclude):
        follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)

    assert where(case) == {"Domiyang": "main"}


def test_each_case_and_mandate_that_follows_is_in_the_trail(
    ani: User, siti: User, roles: dict[str, Role], domiyang: Place, botosari: Place
) -> None:
    case = make_case("LK-1", siti, domiyang)
    give(siti, roles["facilitator"], domiyang)
    end(domiyang)
    domiyang.refresh_from_db()

    follow(before=domiyang, after=botosari, kind=MERGED, by=ani, now=NOW)

    events = Event.objects.filter(verb="follow_place", by=ani)
    assert {event.table for event in events} == {
        "programmes.case",
        "accounts.mandate",
        "places.place",
    }
    assert events.get(table="programmes.case").row == case.uid


def write(path: Path, names: dict[str, str]) -> str:
    file = path / "edition.csv"
    rows = "".join(f"{code},{name}\n" for code, name in names.items())
    file.write_text(f"# number: 2\n# valid from: 2026-01-01\ncode,name\n{rows}")
    return str(file)


def test_the_command_shows_first_and_changes_only_when_told(
    domiyang: Place, tmp_path: Path
) -> None:
    file = write(tmp_path, HERE | {"33.26.02.2010": "Werdi"})

    shown = CliRunner().invoke(command, ["update", file])
    assert shown.exit_code == 0
    assert "33.26.02.2009 Domiyang" in shown.output
    assert "33.26.02.2010 Werdi" in shown.output
    assert not Edition.objects.exists()

    done = CliRunner().invoke(command, ["update", file, "--apply"])
    assert done.exit_code == 0
    assert Place.objects.in_force().filter(name="Werdi").exists()


def test_the_command_takes_decisions_from_a_file(
    domiyang: Place, tmp_path: Path
) -> None:
    file = write(tmp_path, HERE | {"33.26.02.2009": "Krandon"})
    decided = tmp_path / "decided.csv"
    decided.write_text("before,after\n33.26.02.2009,33.26.02.2009\n")

    refused = CliRunner().invoke(command, ["update", file, "--apply"])
    done = CliRunner().invoke(
        command, ["update", file, "--decisions", str(decided), "--apply"]
    )

    assert refused.exit_code == 1
    assert "33.26.02.2009 Domiyang" in refused.output
    assert done.exit_code == 0
    domiyang.refresh_from_db()
    assert domiyang.name == "Krandon"


def test_the_command_lets_follow_and_says_how_many(
    siti: User, botosari: Place, domiyang: Place
) -> None:
    case = make_case("LK-1", siti, domiyang)
    end(domiyang)

    done = CliRunner().invoke(
        command, ["follow", "33.26.02.2009", "33.26.02.2008", "--kind", "merged"]
    )

    assert done.exit_code == 0, done.output
    assert where(case) == {"Botosari": "main"}


def test_the_command_refuses_somebody_it_does_not_know(
    domiyang: Place, tmp_path: Path
) -> None:
    done = CliRunner().invoke(
        command, ["update", write(tmp_path, HERE), "--by", "nobody"]
    )

    assert done.exit_code == 2
