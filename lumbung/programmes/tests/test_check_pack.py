"""Checking a pack: each fault with its file, row and column, all at once."""

import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.programmes.packs.actions import find_base, shipped
from lumbung.programmes.packs.check import Checked, check, digest
from lumbung.programmes.packs.merge import merged
from lumbung.programmes.tests import small_pack
from lumbung.programmes.tests.small_pack import (
    FACTS,
    FILES,
    HEAD,
    PROGRAMMES,
    ROLES,
    SOURCES,
    TEMPLATE,
)
from lumbung.words import say


def nothing(name: str) -> None:
    return None


def faults_of(checked: Checked) -> list[str]:
    with override("en"):
        return [say(fault.said()) for fault in checked.faults]


BROKEN = [
    # what the issue names
    (
        {"group": TEMPLATE.replace("declared:members", "declared:membres")},
        "templates/group.yaml, row 21, column 18: There is no fact declared:membres"
        " here. Did you mean declared:members?",
    ),
    (
        {"group": TEMPLATE.replace("at_least: 5", "at_least: 30 %")},
        "templates/group.yaml, row 21, column 48: A percentage on a count: write a"
        " whole number.",
    ),
    (
        {
            "group": TEMPLATE.replace(
                '{fact: "days:in_step", at_least: 90}', "{any_of: []}"
            )
        },
        "templates/group.yaml, row 29, column 20: An empty group: write at least one"
        " condition below any_of.",
    ),
    (
        {"group": TEMPLATE.replace("{id: Menabung, en: Saving}", "{en: Saving}")},
        "templates/group.yaml, row 26, column 11: The Indonesian text is missing:"
        " add id.",
    ),
    # and what else goes wrong
    (
        {"group": TEMPLATE.replace("expected_days", "expected_day")},
        "templates/group.yaml, row 14, column 19: Unknown word expected_day: did you"
        " mean expected_days?",
    ),
    (
        {"group": TEMPLATE.replace("movers: [district_officer]", "movers: [bupati]")},
        "templates/group.yaml, row 13, column 13: bupati is no role that may move a"
        " case.",
    ),
    (
        {"group": TEMPLATE.replace("returns: [formed]", "returns: [saving]")},
        "templates/group.yaml, row 30, column 14: saving is no earlier step.",
    ),
    (
        {"group": TEMPLATE.replace("    returns: [", "    was: [")},
        "templates/group.yaml, row 30, column 10: formed is the id of another step.",
    ),
    (
        {"group": TEMPLATE.replace("  - id: saving", "  - id: formed")},
        "templates/group.yaml, row 25, column 5: Second formed in this list.",
    ),
    (
        {"group": TEMPLATE.replace("declares: [members, women]", "declares: [women]")},
        "templates/group.yaml, row 21, column 18: There is no fact declared:members"
        " here. Did you mean declared:women?",
    ),
    (
        {"group": TEMPLATE.replace("programme: kecil", "programme: besar")},
        "templates/group.yaml, row 5, column 12: There is no besar.",
    ),
    (
        {"group": TEMPLATE.replace("at_least: 90}", "at_least: 90, equals: 3}")},
        "templates/group.yaml, row 29, column 11: Write exactly one of at_least,"
        " at_most, below, equals, one_of, before.",
    ),
    (
        {"group": TEMPLATE.replace("at_least: 90", "before: 2020-01-01")},
        "templates/group.yaml, row 29, column 42: before cannot be asked of"
        " days:in_step: it is a count. Ask for: at_least, at_most, below, equals,"
        " one_of.",
    ),
    (
        {"group": TEMPLATE.replace("    returns:", "    quorum: 1/2\n    returns:")},
        "templates/group.yaml, row 30, column 13: Write a quorum as {more_than: 1/2}"
        " or {at_least: 2/3} of those invited.",
    ),
    (
        {"group": TEMPLATE.replace("steps:", "steps: [")},
        "templates/group.yaml, row 9, column 3: This YAML cannot be read: expected"
        " the node content, but found '-'.",
    ),
    (
        {"pack": HEAD.replace('"1.0"', "satu")},
        "pack.yaml, row 2, column 10: Write a version as 1.0 or 1.0.2.",
    ),
    (
        {"pack": HEAD.replace("status: local\n", "")},
        "pack.yaml: status is missing.",
    ),
    (
        {"pack": HEAD + "extends: tiada@1.0\n"},
        "pack.yaml, row 6, column 10: There is no pack tiada@1.0: load it first.",
    ),
    (
        {"facts": FACTS.replace("  status: local\n", "", 1)},
        "facts.yaml, row 1, column 3: status is missing.",
    ),
    (
        {"facts": FACTS.replace("source: surat", "source: sirat")},
        "facts.yaml, row 5, column 11: There is no sirat: did you mean surat?",
    ),
    (
        {"facts": FACTS.replace("source: surat", "source: sendiri")},
        "facts.yaml, row 4, column 11: Without an outside source the status is"
        " example.",
    ),
    (
        {"facts": FACTS.replace("id: women", "id: members")},
        "facts.yaml, row 6, column 3: Second members in this list.",
    ),
    (
        {"roles": ROLES.replace("case.move", "case.mvoe")},
        "roles.yaml, row 5, column 14: There is no case.mvoe: did you mean case.move?",
    ),
    (
        {"programmes": PROGRAMMES.replace("[group]", "[gruop]")},
        "programmes.yaml, row 4, column 14: There is no gruop: did you mean group?",
    ),
    (
        {"sources": SOURCES.replace("surat,document", "surat,dokumen")},
        "sources.csv, row 2, column 2: Write one of: document, own.",
    ),
]


@pytest.mark.parametrize(("changed", "says"), BROKEN)
def test_it_names_the_fault_with_file_row_and_column(
    tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    checked = check(small_pack.write(tmp_path, **changed), find=nothing)
    assert checked.content is None
    assert says in faults_of(checked)


def test_a_sound_pack_has_no_fault(tmp_path: Path) -> None:
    checked = check(small_pack.write(tmp_path), find=nothing)
    assert faults_of(checked) == []
    assert checked.content is not None


def test_it_names_all_faults_at_once(tmp_path: Path) -> None:
    folder = small_pack.write(
        tmp_path,
        facts=FACTS.replace("type: count", "type: jumlah").replace(
            "{id: Anggota, ", "{"
        ),
        roles=ROLES.replace("rank: 30", "rank: tinggi"),
    )
    assert faults_of(check(folder, find=nothing)) == [
        "facts.yaml, row 2, column 9: The Indonesian text is missing: add id.",
        "facts.yaml, row 3, column 9: Write one of: count, share, number,"
        " rupiah, date, yesno, choice.",
        "roles.yaml, row 3, column 9: Write a whole number, such as 3.",
    ]


def test_a_file_of_no_kind_is_named_so_that_typing_errors_show(tmp_path: Path) -> None:
    folder = small_pack.write(tmp_path)
    (folder / "fact.yaml").write_text("[]")
    [fault] = faults_of(check(folder, find=nothing))
    assert fault.startswith("fact.yaml: No pack has such a file.")


def test_a_workbook_is_read_and_its_faults_name_the_sheet(tmp_path: Path) -> None:
    folder = small_pack.write(tmp_path)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "sectors"
    sheet.append(["id", "name.id", "name.en", "status", "source"])
    sheet.append(["government", "Pemerintah", "Government", "local", "surat"])
    sheet.append(["business", None, "Business", "local", "surat"])
    book.save(folder / "tables.xlsx")
    assert faults_of(check(folder, find=nothing)) == [
        "tables.xlsx, sheet sectors, row 3, column 2: The Indonesian text is missing:"
        " add id."
    ]
    sheet["B3"] = "Dunia usaha"
    book.save(folder / "tables.xlsx")
    content = check(folder, find=nothing).content
    assert content is not None
    assert [item["id"] for item in content["sectors"]] == ["government", "business"]


def test_the_digest_is_of_what_is_said_and_not_of_how_it_is_written(
    tmp_path: Path,
) -> None:
    one = check(small_pack.write(tmp_path / "one"), find=nothing).content
    other = check(
        small_pack.write(tmp_path / "other", facts="# Dicatat ulang\n" + FACTS),
        find=nothing,
    ).content
    changed = check(
        small_pack.write(tmp_path / "third", facts=FACTS.replace("Members", "People")),
        find=nothing,
    ).content
    assert one is not None
    assert other is not None
    assert changed is not None
    assert digest(one) == digest(other) != digest(changed)


@pytest.mark.django_db
@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: str(folder.name))
def test_the_packs_that_come_with_lumbung_are_sound(folder: Path) -> None:
    assert faults_of(check(folder, find=find_base)) == []


def test_an_extending_pack_may_add_move_and_drop_items() -> None:
    base: list[dict[str, Any]] = [
        {"id": "a", "steps": [{"id": "one"}, {"id": "two"}]},
        {"id": "b"},
    ]
    own = [
        {"id": "a", "steps": [{"id": "half", "after": "one"}, {"id": "two", "n": 2}]},
        {"id": "b", "drop": True},
    ]
    assert merged(base, own) == [
        {"id": "a", "steps": [{"id": "one"}, {"id": "half"}, {"id": "two", "n": 2}]}
    ]
    assert base[0]["steps"] == [{"id": "one"}, {"id": "two"}]


def test_anchors_are_refused_so_that_a_small_file_cannot_grow_large(
    tmp_path: Path,
) -> None:
    folder = small_pack.write(
        tmp_path,
        facts=FACTS.replace("{id: Anggota, en: Members}", "&a {id: A, en: A}").replace(
            "{id: Anggota perempuan, en: Women members}", "*a"
        ),
    )
    faults = faults_of(check(folder, find=nothing))
    assert any("packs use no anchors" in fault for fault in faults)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("facts.yaml", b"\xff\xfe", "Save this file as UTF-8."),
        ("facts.yaml", b"", "This file is empty."),
        ("facts.yaml", b"42", "Write a list of items here."),
        ("facts.yaml", b"- 42\n", "Each item needs an id."),
        ("facts.yaml", b"[" * 5000, "This YAML cannot be read"),
        ("glossary.csv", b'id,term\n"a,b\n', "This CSV cannot be read"),
        ("glossary.csv", b"id,term\na,b,c\n", "This row has more cells"),
        ("glossary.xlsx", b"no workbook", "This workbook cannot be read."),
        ("facts.yaml", b"#" * 2_000_001, "This file is too large for a pack."),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault_and_no_crash(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    folder = small_pack.write(tmp_path)
    (folder / name).write_bytes(content)
    assert any(says in fault for fault in faults_of(check(folder, find=nothing)))


@given(st.binary(max_size=300), st.sampled_from(sorted(small_pack.FILES)))
@settings(max_examples=60, deadline=None)
def test_no_file_whatever_crashes_the_check(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = small_pack.write(Path(folder))
        (path / name).write_bytes(content)
        check(path, find=nothing)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_edit_of_a_sound_pack_crashes_the_check(data: st.DataObject) -> None:
    """Any value of the pack replaced by any other: judged, never an exception."""
    name = data.draw(st.sampled_from([n for n in FILES if n.endswith(".yaml")]))
    lines = FILES[name].splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    head, colon, _ = lines[number].partition(": ")
    junk = data.draw(
        st.sampled_from(["[]", "{}", "null", "-1", "[1, [2]]", "{id: 1}", "''", "x: y"])
    )
    lines[number] = head + colon + junk
    with tempfile.TemporaryDirectory() as folder:
        path = small_pack.write(Path(folder))
        (path / name).write_text("\n".join(lines))
        check(path, find=nothing)


INDICATORS = """\
id,name.id,name.en,definition.id,definition.en,unit,counts,status,source
poor,Miskin,Poor,Bagian,A share,share,families,local,surat
"""
SCHEMES = """\
- id: colour
  name: {id: Warna, en: Colour}
  classes:
    - {code: red, tone: red, name: {id: Merah, en: Red}}
    - {code: green, tone: green, name: {id: Hijau, en: Green}}
  status: local
  source: surat
"""
RULES = """\
- id: lines
  name: {id: Ambang, en: Lines}
  scheme: colour
  level: village
  value: {indicator: poor}
  classes: [green, red]
  edges:
    - {id: red_line, at: 40 %, edge_to: red}
  status: local
  source: surat
"""


def rules(text: str) -> dict[str, str]:
    return {"indicators": INDICATORS, "class_schemes": SCHEMES, "classifications": text}


BROKEN_RULES = [
    (("poor}", "pour}"), "row 5, column 10: There is no pour: did you mean poor?"),
    (("indicator: poor", "mean: poor"), "row 5, column 10: Write exactly one of:"),
    (("scheme: colour", "scheme: color"), "row 3, column 11: There is no color: did"),
    (("[green, red]", "[green, rot]"), "row 6, column 12: There is no rot"),
    (("edge_to: red", "edge_to: blue"), "row 8, column 41: This edge lies between"),
    (("at: 40 %", "at: banyak"), "row 8, column 26: Write a number: 40 %"),
    ((", edge_to: red", ""), "row 8, column 7: edge_to is missing."),
    (("[green, red]", "[red]"), "row 8, column 5: There is one edge less"),
    (("level: village", "level: desa"), "row 4, column 10: Write one of: province"),
    (
        ("level: village", "level: village\n  within: village"),
        "row 5, column 11: Write one of: country",
    ),
    (
        ("level: village", "level: district\n  within: subdistrict"),
        "row 5, column 11: Rank places within a larger one",
    ),
    (
        ("level: village\n", "level: village\n  within: district\n", "40 %", "2"),
        "row 9, column 26: Write a share between 0 % and 100 %.",
    ),
    (
        ("  status", "  by_period:\n    - edges: []\n  status"),
        "row 1, column 3: Write either edges or by_period.",
    ),
]


@pytest.mark.parametrize(("change", "expected"), BROKEN_RULES)
def test_it_names_each_fault_of_a_classification_rule(
    tmp_path: Path, change: tuple[str, ...], expected: str
) -> None:
    text = RULES
    for old, new in zip(change[::2], change[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)

    found = faults_of(check(write_with(tmp_path, rules(text)), find=nothing))

    assert [each for each in found if each.startswith("classifications.yaml")][
        0
    ].startswith(f"classifications.yaml, {expected}")


SPANS = """\
  by_period:
    - to: 2019
      edges: [{id: a, at: 30 %, edge_to: red}]
    - from: 2020
      edges: [{id: b, at: 40 %, edge_to: red}]
"""


def spanned(old: str = "", new: str = "") -> str:
    head, _, tail = RULES.partition("  edges:\n")
    return head + SPANS.replace(old, new) + tail.partition("\n")[2]


def test_edges_by_period_follow_one_another(tmp_path: Path) -> None:
    assert check(write_with(tmp_path, rules(spanned())), find=nothing).faults == ()
    for old, new in (("from: 2020", "from: 2019-07"), ("to: 2019", "from: 2010")):
        text = spanned(old, new)
        found = faults_of(check(write_with(tmp_path, rules(text)), find=nothing))
        assert found == [
            "classifications.yaml, row 10, column 13: Spans follow one another in time,"
            " and do not meet."
        ]


def test_a_pack_without_rules_keeps_the_digest_it_had(tmp_path: Path) -> None:
    """A pack loaded before packs knew rules must not count as changed now."""
    content = check(small_pack.write(tmp_path), find=nothing).content

    assert content is not None
    assert "classifications" not in content
    assert "classifications" not in content["own"]


def write_with(folder: Path, files: dict[str, str]) -> Path:
    small_pack.write(folder)
    for name, text in files.items():
        end = "csv" if name == "indicators" else "yaml"
        (folder / f"{name}.{end}").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ('{fact: "class:colour", one_of: [green]}', ""),
        ('{fact: "class:colour@2020", equals: green}', ""),
        ('{fact: "indicator:poor@2020-S1", below: 30 %}', ""),
        ('{fact: "fall:poor@3", at_least: 5 %}', ""),
        ('{fact: "red_below:colour", at_most: 10 %}', ""),
        ('{fact: "class:colour", equals: blue}', "Write one of: red, green."),
        ('{fact: "class:colour@kapan", equals: red}', "There is no fact"),
        ('{fact: "fall:poor@2020", at_least: 5 %}', "There is no fact"),
        ('{fact: "fall:poor@3", equals: 1}', "equals cannot be asked"),
        ('{fact: "days:open@3", at_least: 5}', "There is no fact"),
    ],
)
def test_a_gate_may_ask_for_classes_periods_and_changes(
    tmp_path: Path, gate: str, expected: str
) -> None:
    text = TEMPLATE.replace('{fact: "days:in_step", at_least: 90}', gate)

    found = faults_of(
        check(
            write_with(tmp_path, rules(RULES) | {"templates/group": text}), find=nothing
        )
    )

    assert len(found) == bool(expected)
    assert all(expected in each for each in found)
