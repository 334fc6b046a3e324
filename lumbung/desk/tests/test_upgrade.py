"""An upgrade backs up, brings tables up, shows what newer rules change, and goes back."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lumbung.accounts.models import User
from lumbung.archive.files import NoRoom
from lumbung.desk import upgrade
from lumbung.desk.installation import NotSetUp
from lumbung.desk.upgrade import NoWayBack
from lumbung.desk.upgrade_command import upgrade_command
from lumbung.home import make_keys
from lumbung.programmes.models import Case, PackVersion
from lumbung.programmes.tests import three_steps
from lumbung.running import BeingChanged, StillServed, alone, running
from lumbung.work.commands import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path / "rumah"
    make_keys(settings.HOME)
    return tmp_path / "rumah"


def get_ready() -> None:
    with upgrade.ready():
        pass


def test_it_refuses_where_nothing_is_set_up(home: Path) -> None:
    (home / "keys.json").unlink()
    with pytest.raises(NotSetUp):
        get_ready()


def test_it_refuses_older_tables_that_are_served(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "needs_migrations", lambda: True)
    get_ready()
    with running(home), pytest.raises(StillServed):
        get_ready()
    get_ready()  # whoever served has ended


def test_nobody_begins_to_serve_to_work_or_to_upgrade_in_the_middle_of_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "needs_migrations", lambda: True)
    with upgrade.ready():
        with pytest.raises(BeingChanged), running(home):
            pass
        with pytest.raises(StillServed):
            get_ready()
        answer = CliRunner().invoke(work, ["--once"])
        assert answer.exit_code == 1, answer.output
        assert "sedang diubah" in answer.output


def test_it_goes_on_beside_a_server_where_no_table_changes(home: Path) -> None:
    with running(home):
        get_ready()


def test_several_may_run_and_the_last_one_counts(home: Path) -> None:
    with running(home):
        with running(home):
            pass
        with pytest.raises(StillServed), alone(home):
            pass
    with alone(home):
        pass


def test_it_refuses_a_disk_that_is_too_small(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(home)._replace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    with pytest.raises(NoRoom) as refused:
        get_ready()
    assert refused.value.message.values["free"] == 0


def test_there_is_no_way_back_where_nothing_was_upgraded(home: Path) -> None:
    with pytest.raises(NoWayBack):
        upgrade.way_back()


def test_the_last_upgrade_is_the_one_to_go_back_from(home: Path) -> None:
    (home / "backups").mkdir()
    for day in ("2026-01-02", "2026-11-23"):
        (home / "backups" / f"before-upgrade-{day}-000000.zip").touch()
    (home / "backups" / "undone-upgrade-2027-01-01-000000.zip").touch()
    assert upgrade.way_back().name == "before-upgrade-2026-11-23-000000.zip"


def test_where_nothing_is_to_be_done_the_way_back_stays_the_one_of_before(
    home: Path, lab: object
) -> None:
    """Run twice, it would else go back to what the first run made."""
    (home / "static").mkdir()
    before = home / "backups" / "before-upgrade-2026-01-02-000000.zip"
    before.parent.mkdir()
    before.touch()
    CliRunner().invoke(upgrade_command, ["--no-packs"])
    assert upgrade.way_back() == before
    PackVersion.objects.all().update(version="0.9")
    assert upgrade.is_due(packs=True)
    assert not upgrade.is_due(packs=False)


def test_it_shows_what_newer_rules_change_for_each_open_case(
    home: Path, case: Case, ratna: User
) -> None:
    three_steps.newer()
    lines = "\n".join(upgrade.differences())
    for word in ("lab@1.0 → lab@1.1", "Calon desa", "Survei", case.number):
        assert word in lines


def test_a_shipped_pack_that_is_newer_than_the_loaded_one_is_found(
    home: Path, lab: object
) -> None:
    PackVersion.objects.all().update(version="99.0")
    assert [folder.name for folder in upgrade.newer_packs()] == []
    PackVersion.objects.all().update(version="0.9")
    assert [folder.name for folder in upgrade.newer_packs()] == ["lab"]
