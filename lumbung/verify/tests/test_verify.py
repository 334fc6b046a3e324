"""`lumbung verify` through its door: what it proves, what it names, how it ends."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner, Result
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from lumbung.accounts import ciphers, seals
from lumbung.accounts.actions import Newcomer, first_administrator
from lumbung.accounts.models import Event, Role, User
from lumbung.evidence.actions import add_evidence
from lumbung.evidence.models import Evidence, StoredFile
from lumbung.evidence.store import SMALL, path
from lumbung.evidence.tests.files import photo, upload
from lumbung.home import key_id, make_keys
from lumbung.places.models import Place
from lumbung.verify.checks import verify as verify_quietly
from lumbung.verify.command import verify

NOW = timezone.now()
ADMIN = Newcomer(name="Ani Contoh", username="ani-contoh")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any) -> None:
    make_keys(tmp_path)
    settings.HOME = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "lumbung.evidence.storage.DurableStorage",
            "OPTIONS": {"location": tmp_path / "evidence"},
        }
    }


def run(*options: str) -> Result:
    return CliRunner().invoke(verify, options, catch_exceptions=False)


def parts(*options: str) -> dict[str, Any]:
    found = json.loads(run("--json", *options).stdout)
    return {each["part"]: each for each in found["parts"]}


@pytest.fixture
def kept(siti: User, botosari: Place) -> Evidence:
    return add_evidence(
        upload=upload(photo()),
        title="Dapur",
        place=botosari,
        dated_on=timezone.localdate(),
        by=siti,
    )


def test_it_proves_a_sound_installation_and_seals(kept: Evidence) -> None:
    first = run()

    assert first.exit_code == 0, first.output
    assert "Semuanya terbukti." in first.output
    assert "1 baris baru disegel" in first.output
    assert str(seals.head()) in first.output
    again = parts()
    assert (again["trail"]["proven"], again["trail"]["unsealed"]) == (1, 0)
    assert (again["evidence"]["files"], again["evidence"]["leftovers"]) == (1, 0)


def test_it_speaks_english(kept: Evidence) -> None:
    assert "Everything is proven." in run("--language", "en").output


def test_it_ends_with_1_and_seals_nothing_onto_a_tampered_trail(
    kept: Evidence, siti: User
) -> None:
    run()
    Event.objects.update(verb="void_evidence")
    event = Event.objects.get()
    Event.objects.create(at=NOW, by=siti, verb="open_case", table="x")

    ended = run()
    assert ended.exit_code == 1
    assert f"Baris {event.uid} dari bundel 1 diubah" in ended.output
    assert "Tidak semuanya terbukti" in ended.output
    assert Event.objects.unsealed().count() == 1


def test_it_proves_that_the_trail_extends_a_head_written_down(kept: Evidence) -> None:
    run()
    head = str(seals.head())

    assert run("--since", head).exit_code == 0
    assert run("--since", head[:-1] + "0" + "0").exit_code == 1
    refused = run("--since", "kepala")
    assert refused.exit_code == 1
    assert "“kepala” bukan kode segel." in refused.output


def flip(name: str) -> None:
    """Change one byte of a stored file and keep its size."""
    file = Path(default_storage.path(name))
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def test_it_names_evidence_whose_file_changed(kept: Evidence) -> None:
    flip(path(kept.file.sha256))

    (finding,) = parts()["evidence"]["findings"]
    assert finding["code"] == "evidence_changed"
    assert str(kept.uid) in finding["message"]
    # A quick look reads sizes only, and says no more than that.
    assert parts("--quick")["evidence"]["findings"] == []


@pytest.mark.parametrize("suffix", ["", SMALL])
def test_it_names_evidence_whose_file_is_gone(kept: Evidence, suffix: str) -> None:
    default_storage.delete(path(kept.file.sha256) + suffix)

    for options in ([], ["--quick"]):
        (finding,) = parts(*options)["evidence"]["findings"]
        assert finding["code"] == "evidence_missing"
        assert str(kept.uid) in finding["message"]
        assert path(kept.file.sha256) + suffix in finding["mend"]


def test_it_names_old_files_without_a_row_as_left_over(kept: Evidence) -> None:
    for name in ("ab/abcd", "ab/abcd" + SMALL, "cd/.writing-1"):
        file = Path(default_storage.path(name))
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"x")
        old = (NOW - timedelta(days=2)).timestamp()
        os.utime(file, (old, old))
    fresh = Path(default_storage.path("ab/fresh"))
    fresh.write_bytes(b"x")

    found = parts()["evidence"]
    assert found["leftovers"] == 3
    assert {each["code"] for each in found["findings"]} == {"evidence_left_over"}
    assert run().exit_code == 0


def test_it_names_a_key_that_is_missing(siti: User, settings: Any) -> None:
    old = settings.SECRET_KEY
    Authenticator.objects.create(
        user=siti,
        type=Authenticator.Type.TOTP,
        data={"secret": ciphers.encrypt("JBSWY3DPEHPK3PXP")},
    )
    assert parts()["keys"]["findings"] == []

    settings.SECRET_KEY = "another"
    (finding,) = parts()["keys"]["findings"]
    assert finding["code"] == "key_gone"
    assert key_id("django", old) in finding["message"]

    # Put aside under another name, it opens what it closed.
    keys = settings.HOME / "keys.json"
    keys.write_text(json.dumps({"django": "another", "django-2026": old}))
    assert parts()["keys"]["findings"] == []


def test_it_reads_what_was_encrypted_before_keys_had_ids(
    siti: User, settings: Any
) -> None:
    token = ciphers.encrypt("JBSWY3DPEHPK3PXP").partition(":")[2]
    assert ciphers.decrypt(f"django:{token}") == "JBSWY3DPEHPK3PXP"


def test_it_names_a_secret_that_was_changed(siti: User) -> None:
    ciphertext = ciphers.encrypt("JBSWY3DPEHPK3PXP")
    broken = ciphertext[:-8] + "AAAAAAA="
    Authenticator.objects.create(
        user=siti, type=Authenticator.Type.TOTP, data={"secret": broken}
    )
    (finding,) = parts()["keys"]["findings"]
    assert finding["code"] == "secret_unreadable"
    assert str(siti.uid) in finding["message"]


def test_it_says_when_others_may_read_the_keys(db: None, settings: Any) -> None:
    (settings.HOME / "keys.json").chmod(0o644)
    assert [f["code"] for f in parts()["keys"]["findings"]] == ["keys_open"]

    (settings.HOME / "keys.json").unlink()
    assert [f["code"] for f in parts()["keys"]["findings"]] == ["keys_missing"]


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL holds them itself"
)
@pytest.mark.django_db(transaction=True)
def test_it_names_a_key_that_leads_nowhere(kept: Evidence) -> None:
    with connection.constraint_checks_disabled():
        StoredFile.objects.filter(pk=kept.file_id)._raw_delete("default")
    try:
        codes = [f["code"] for f in parts()["tables"]["findings"]]
        assert codes == ["key_leads_nowhere"]
    finally:
        Evidence.objects.all().delete()


def test_accepting_an_older_copy_is_told_and_counts_from_then(
    roles: dict[str, Role], indonesia: Place, settings: Any
) -> None:
    first_administrator(newcomer=ADMIN, place=indonesia, now=NOW)
    run()
    newest = seals.head()
    assert newest
    later = seals.Head(newest.number + 3, "f" * 64, NOW, newest.total + 9)
    seals.keep_head(later)
    assert run().exit_code == 1

    accepted = run("--accept")
    assert accepted.exit_code == 0, accepted.output
    event = Event.objects.get(verb="accept_history")
    assert (event.before, event.after) == ({"head": str(later)}, {"head": str(newest)})
    assert event.place == indonesia
    assert (settings.HOME / f"audit-head.{later.number}.json").exists()
    assert run().exit_code == 0

    refused = run("--accept")
    assert refused.exit_code == 1
    assert "riwayat yang sama" in refused.output


def test_a_backup_may_call_it_without_a_word(kept: Evidence, capsys: Any) -> None:
    proofs = verify_quietly(now=NOW)

    assert [each.part for each in proofs] == [
        "tables",
        "trail",
        "keys",
        "evidence",
        "runs",
    ]
    assert all(each.holds for each in proofs)
    assert capsys.readouterr() == ("", "")
    assert not Event.objects.unsealed().exists()
