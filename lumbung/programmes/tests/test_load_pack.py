"""Loading packs: whole, once, for good."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbung.accounts.models import Event, ExclusiveRoles, Role, User
from lumbung.core.gates import Known, evaluate
from lumbung.core.message import Share, Value
from lumbung.programmes.models import PackVersion, Programme
from lumbung.programmes.packs import actions as pack_actions
from lumbung.programmes.packs.actions import (
    BadPack,
    MayNotLoad,
    OtherContent,
    load_pack,
    shipped,
)
from lumbung.programmes.packs.check import digest
from lumbung.programmes.packs.commands import pack as command
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.tests import small_pack
from lumbung.programmes.tests.small_pack import FACTS, HEAD, ROLES, TEMPLATE

pytestmark = pytest.mark.django_db


def folder_of(code: str) -> Path:
    return next(folder for folder in shipped() if folder.name == code)


def test_it_refuses_whoever_has_no_mandate_for_it(tmp_path: Path, ratna: User) -> None:
    with pytest.raises(MayNotLoad):
        load_pack(folder=small_pack.write(tmp_path), by=ratna)
    assert not PackVersion.objects.exists()


def test_a_faulty_pack_is_not_loaded_and_each_fault_is_told(tmp_path: Path) -> None:
    folder = small_pack.write(
        tmp_path,
        group=TEMPLATE.replace("at_least: 5", "at_least: 30 %"),
        facts=FACTS.replace("{id: Anggota, ", "{"),
    )
    with pytest.raises(BadPack) as refusal:
        load_pack(folder=folder, by=None)
    assert len(refusal.value.parts) == 2
    assert not PackVersion.objects.exists()
    assert not Role.objects.exists()


def test_it_keeps_the_whole_pack_and_records_who_loaded_it(
    tmp_path: Path, ani: User
) -> None:
    version = load_pack(folder=small_pack.write(tmp_path), by=ani)
    assert (version.code, version.version, version.loaded_by) == ("kecil", "1.0", ani)
    assert Event.objects.get(verb="load_pack").row == version.uid
    stored = PackVersion.objects.get(pk=version.pk)
    assert digest(stored.content) == stored.sha256
    assert Programme.objects.get(code="kecil").pack == version
    officer = Role.objects.get(code="district_officer")
    assert set(officer.abilities.values_list("name", flat=True)) == {
        "case.open",
        "case.move",
    }


def test_loading_it_again_changes_nothing(tmp_path: Path) -> None:
    folder = small_pack.write(tmp_path)
    first = load_pack(folder=folder, by=None)
    assert load_pack(folder=folder, by=None) == first
    assert Event.objects.filter(verb="load_pack").count() == 1


def test_other_content_under_the_same_version_is_refused_with_both_digests(
    tmp_path: Path,
) -> None:
    first = load_pack(folder=small_pack.write(tmp_path), by=None)
    folder = small_pack.write(tmp_path, facts=FACTS.replace("Members", "People"))
    with pytest.raises(OtherContent) as refusal:
        load_pack(folder=folder, by=None)
    values = refusal.value.message.values
    assert values["loaded"] == first.sha256[:16]
    assert values["folder"] != values["loaded"]
    assert PackVersion.objects.get(code="kecil").sha256 == first.sha256


def test_a_loaded_pack_needs_its_folder_no_more(tmp_path: Path) -> None:
    version = load_pack(folder=small_pack.write(tmp_path), by=None)
    shutil.rmtree(tmp_path)
    pack_of.cache_clear()
    template = pack_of(version.pk).templates["group"]
    assert template.first.name.id == "Terbentuk"
    assert template.after("formed") == template.step("saving")
    assert template.after("saving") is None
    facts: dict[str, Value] = {
        "evidence:minutes": 1,
        "declared:members": 5,
        "declared:women": Share("3/10"),
    }
    assert evaluate(template.first.gate, lambda name: Known(facts[name])).met


def test_a_newer_version_is_put_in_force_and_an_older_one_kept(tmp_path: Path) -> None:
    old = load_pack(folder=small_pack.write(tmp_path / "old"), by=None)
    new = load_pack(
        folder=small_pack.write(tmp_path / "new", pack=HEAD.replace("1.0", "1.10")),
        by=None,
    )
    assert Programme.objects.get(code="kecil").pack == new
    between = load_pack(
        folder=small_pack.write(
            tmp_path / "between",
            pack=HEAD.replace("1.0", "1.9"),
            roles=ROLES.replace("rank: 30", "rank: 31"),
        ),
        by=None,
    )
    assert Programme.objects.get(code="kecil").pack == new
    assert Role.objects.get(code="district_officer").rank == 30
    assert {old, between, new} == set(PackVersion.objects.all())


def shipped_lab() -> str:
    """The laboratory's pack as it is shipped now: `lab@1.4`."""
    head = (folder_of("lab") / "pack.yaml").read_text()
    found = re.search(r"^version: ([\d.]+)$", head, re.MULTILINE)
    assert found
    return f"lab@{found[1]}"


def district_pack(folder: Path) -> Path:
    """Pekalongan's own: one step of the laboratory longer, one paper more, one less."""
    (folder / "templates").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        f"code: lab-pekalongan\nversion: 1.0\nextends: {shipped_lab()}\nstatus: local\n"
        "name: {id: Lab Pekalongan, en: Pekalongan laboratory}\n"
        "valid_from: 2020-01-01\n"
    )
    (folder / "templates/village.yaml").write_text("""\
id: village
steps:
  - id: assessed
    expected_days: 75
    evidence:
      - {id: seasons, at_least: 1, name: {id: Kalender musim, en: Calendar of seasons}}
""")
    return folder


def test_a_pack_that_extends_another_changes_items_by_id(tmp_path: Path) -> None:
    version = load_pack(folder=district_pack(tmp_path), by=None)
    assert version.extends == PackVersion.objects.get(code="lab")
    assert version.extends is not None
    own, base = pack_of(version.pk), pack_of(version.extends.pk)
    changed = own.templates["village"].step("assessed")
    assert changed.expected_days == 75
    assert [each.id for each in changed.evidence] == [
        "social_map",
        "wealth_ranking",
        "seasons",
    ]
    assert changed.gate == base.templates["village"].step("assessed").gate
    assert [s.id for s in own.templates["village"].steps] == [
        s.id for s in base.templates["village"].steps
    ]
    assert own.roles == base.roles


def test_a_district_keeps_its_own_pack_when_the_extended_one_moves_on(
    tmp_path: Path,
) -> None:
    own = load_pack(folder=district_pack(tmp_path / "own"), by=None)
    assert Programme.objects.get(code="lab").pack == own
    shutil.copytree(folder_of("lab"), tmp_path / "lab")
    head = tmp_path / "lab/pack.yaml"
    head.write_text(re.sub(r"version: [\d.]+", "version: 9.0", head.read_text()))
    load_pack(folder=tmp_path / "lab", by=None)
    assert Programme.objects.get(code="lab").pack == own


def test_the_base_brings_the_roles_and_what_they_exclude() -> None:
    load_pack(folder=folder_of("lab"), by=None)
    pairs = {(pair.one.code, pair.other.code) for pair in ExclusiveRoles.objects.all()}
    assert ("auditor", "district_officer") in pairs
    assert ("fund_officer", "subdistrict_coordinator") in pairs
    assert Role.objects.get(code="auditor").abilities.get().name == "audit.read"


def test_a_pack_does_not_write_back_what_it_only_inherits() -> None:
    """A newer `indonesia` may have changed a role since; `kpel` was written before."""
    load_pack(folder=folder_of("indonesia"), by=None)
    Role.objects.filter(code="facilitator").update(rank=55)
    load_pack(folder=folder_of("kpel"), by=None)
    assert Role.objects.get(code="facilitator").rank == 55


def test_what_a_pack_brings_is_handed_to_the_packages_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[PackVersion] = []
    monkeypatch.setattr(pack_actions, "LOADED", [handed.append])
    version = load_pack(folder=small_pack.write(tmp_path), by=None)
    load_pack(folder=tmp_path, by=None)
    assert handed == [version]


def test_the_command_checks_loads_lists_and_shows(tmp_path: Path) -> None:
    folder = small_pack.write(tmp_path / "kecil")
    run = CliRunner().invoke
    assert run(command, ["check", str(folder)]).exit_code == 0
    assert run(command, ["load", str(folder)]).output.startswith("kecil@1.0 ")
    assert "Paket kecil" in run(command, ["list"]).output
    shown = run(command, ["show", "kecil@1.0"]).output
    assert "Anggota perempuan: paling sedikit 30" in shown
    assert run(command, ["show", "besar"]).exit_code == 1


def test_the_command_ends_with_1_and_names_the_faults(tmp_path: Path) -> None:
    folder = small_pack.write(tmp_path, facts=FACTS.replace("type: count", "type: x"))
    result = CliRunner().invoke(command, ["check", str(folder)])
    assert result.exit_code == 1
    assert "facts.yaml, baris 3, kolom 9" in result.output
    result = CliRunner().invoke(command, ["load", str(folder)])
    assert result.exit_code == 2
    assert not PackVersion.objects.exists()


def test_to_adopt_it_says_which_name_is_unknown(lab: Programme, ratna: User) -> None:
    known = {"--programme": "lab", "--by": "ratna"}
    name = str(lab.pack)
    for argument, options, said in (
        ("nosuch", known, "lumbung pack list"),
        (name, known | {"--programme": "nosuch"}, "Yang ada: lab"),
        (name, known | {"--by": "nobody"}, "nobody"),
    ):
        words = [word for pair in options.items() for word in pair]
        result = CliRunner().invoke(command, ["adopt", argument, *words])
        assert (result.exit_code != 0, said in result.output) == (True, True), result
