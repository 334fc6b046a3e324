"""Who is who in the next edition of the list: by code, by name, by a person."""

from hypothesis import given
from hypothesis import strategies as st

from lumbung.core.editions import Pair, compare

SORONG = {"96": "Papua Barat Daya", "96.01": "Kabupaten Sorong", "96.01.05": "Aimas"}


def test_codes_handed_round_follow_the_names() -> None:
    """As in Aimas between 3.1.2 and 4.0.1: each village took its neighbour's number."""
    before = SORONG | {
        "96.01.05.1006": "Warmon",
        "96.01.05.1007": "Klabinain",
        "96.01.05.1008": "Malasom",
    }
    after = SORONG | {
        "96.01.05.1007": "Warmon",
        "96.01.05.1008": "Klabinain",
        "96.01.05.1009": "Malasom",
    }

    found = compare(before, after)

    assert {b: a for b, a in found.pairs.items() if len(b) == 13} == {
        "96.01.05.1006": "96.01.05.1007",
        "96.01.05.1007": "96.01.05.1008",
        "96.01.05.1008": "96.01.05.1009",
    }
    assert (found.doubtful, found.gone, found.new) == ([], [], [])


def test_a_sub_district_whose_villages_stayed_is_renamed_not_swapped() -> None:
    """Ayau and Kepulauan Ayau changed names; their villages kept their codes."""
    villages = {"96.01.05.2001": "Dorehkar", "96.01.23.2001": "Abidon"}
    before = SORONG | {"96.01.05": "Kepulauan Ayau", "96.01.23": "Ayau"} | villages
    after = SORONG | {"96.01.05": "Ayau", "96.01.23": "Kepulauan Ayau"} | villages

    found = compare(before, after)

    assert found.pairs["96.01.05"] == "96.01.05"
    assert found.doubtful == []


def test_a_village_taken_into_a_new_sub_district_is_found_by_name() -> None:
    before = SORONG | {"96.01.05.2001": "Warmon", "96.01.05.2002": "Klafma"}
    after = SORONG | {
        "96.01.05.2001": "Warmon",
        "96.01.30": "Aimas Timur",
        "96.01.30.2001": "Klafma",
    }

    found = compare(before, after)

    assert found.pairs["96.01.05.2002"] == "96.01.30.2001"
    assert found.new == ["96.01.30"]
    assert found.split == [Pair("96.01.05", "96.01.30")]


def test_two_namesakes_are_not_guessed_at() -> None:
    before = SORONG | {"96.01.05.2001": "Mulyorejo", "96.01.05.2002": "Mulyorejo"}
    after = SORONG | {"96.01.05.2008": "Mulyorejo", "96.01.05.2009": "Mulyorejo"}

    found = compare(before, after)

    assert len(found.doubtful) + len(found.gone) == 2
    assert all(pair.before in found.pairs for pair in found.doubtful)


def test_the_same_code_under_a_wholly_other_name_is_in_doubt() -> None:
    before = SORONG | {"96.01.05.2001": "Kisam"}
    after = SORONG | {"96.01.05.2001": "Kuta Buluh"}

    assert compare(before, after).doubtful == [Pair("96.01.05.2001", "96.01.05.2001")]


def test_a_decision_settles_the_doubt_either_way() -> None:
    before = SORONG | {"96.01.05.2001": "Kisam"}
    after = SORONG | {"96.01.05.2001": "Kuta Buluh"}

    same = compare(before, after, {"96.01.05.2001": "96.01.05.2001"})
    other = compare(before, after, {"96.01.05.2001": ""})

    assert (same.doubtful, same.gone, same.new) == ([], [], [])
    assert (other.doubtful, other.gone, other.new) == (
        [],
        ["96.01.05.2001"],
        ["96.01.05.2001"],
    )


def test_a_district_given_to_a_new_province_takes_all_below_along() -> None:
    """As Merauke in 2022: 91.01 became 93.01, with every code in it."""
    before = {
        "91": "Papua",
        "91.01": "Kabupaten Merauke",
        "91.01.01": "Merauke",
        "91.01.01.2001": "Wasur",
        "91.03": "Kabupaten Jayapura",
    }
    after = {
        "91": "Papua",
        "91.03": "Kabupaten Jayapura",
        "93": "Papua Selatan",
        "93.01": "Kabupaten Merauke",
        "93.01.01": "Merauke",
        "93.01.01.2001": "Wasur",
    }

    found = compare(before, after)

    assert found.pairs["91.01.01.2001"] == "93.01.01.2001"
    assert (found.new, found.gone) == (["93"], [])
    assert found.split == [Pair("91", "93")]


def test_the_children_of_a_dissolved_sub_district_say_who_took_them_in() -> None:
    before = SORONG | {
        "96.01.05.2001": "Warmon",
        "96.01.06": "Mariat",
        "96.01.06.2001": "Klaru",
        "96.01.06.2002": "Fafi",
    }
    after = SORONG | {
        "96.01.05.2001": "Warmon",
        "96.01.05.2002": "Klaru",
        "96.01.05.2003": "Fafi",
    }

    found = compare(before, after)

    assert found.gone == ["96.01.06"]
    assert found.merged == [Pair("96.01.06", "96.01.05")]


names = st.sampled_from(["Warmon", "Klabinain", "Malasom", "Klaigit", "Mulyorejo"])
villages = st.dictionaries(
    st.sampled_from([f"96.01.0{s}.200{n}" for s in (5, 6) for n in range(5)]), names
)


@given(villages, villages)
def test_each_place_has_one_fate_and_each_code_one_owner(
    before: dict[str, str], after: dict[str, str]
) -> None:
    upper = SORONG | {"96.01.06": "Mariat"}

    found = compare(upper | before, upper | after)

    assert set(found.pairs) | set(found.gone) == set(upper | before)
    assert not set(found.pairs) & set(found.gone)
    assert sorted([*found.pairs.values(), *found.new]) == sorted(upper | after)


@given(villages)
def test_the_same_list_again_changes_nothing(before: dict[str, str]) -> None:
    codes = SORONG | {"96.01.06": "Mariat"} | before

    found = compare(codes, codes)

    assert found.pairs == {code: code for code in codes}
    assert (found.doubtful, found.gone, found.new) == ([], [], [])
