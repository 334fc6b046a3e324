"""`lumbung user`: for the first people, and for when nobody can sign in."""

import re

import pytest
from click.testing import CliRunner, Result

from lumbung.accounts.commands import user
from lumbung.accounts.models import Event, Mandate, Role, User
from lumbung.places.models import Place
from lumbung.programmes.models import Programme

Roles = dict[str, Role]
SITI = ["siti", "--name", "Siti Aminah", "--role", "facilitator", "--place", "33.26.02"]


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(user, arguments, input=typed)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (["--role", "queen"], "facilitator"),
        (["--place", "99.99"], "99.99"),
        (["--role", "fund_officer"], "Paninggaran"),
        (["--until", "2001-01-01"], "mendahului"),
        (["--programme", "nosuch"], "Yang ada: lab."),
        (["--email", "siti"], "bukan alamat surel"),
    ],
)
def test_it_refuses_in_words_and_registers_nobody(
    roles: Roles, paninggaran: Place, lab: Programme, wrong: list[str], says: str
) -> None:
    result = run("invite", *SITI, *wrong)

    assert result.exit_code != 0
    assert says in result.output
    assert not User.objects.exists()


def test_it_invites_with_a_link_that_works(
    client, roles: Roles, paninggaran: Place
) -> None:
    result = run("invite", *SITI, "--until", "2099-12-31", "--address", "https://a.id/")

    found = re.search(r"https://a\.id(/akun/tautan/[0-9A-Z-]+/)", result.output)
    assert found, result.output
    client.post(found[1], {"password": "sawah luas 17", "again": "sawah luas 17"})
    assert User.objects.get().check_password("sawah luas 17")
    assert str(Mandate.objects.get().ends_on) == "2099-12-31"
    assert set(Event.objects.values_list("door", flat=True)) == {"command", "page"}


def test_a_place_is_named_as_elsewhere_with_dots_or_without(
    roles: Roles, paninggaran: Place
) -> None:
    run("invite", *SITI, "--place", "332602")

    assert Mandate.objects.get().place == paninggaran
    assert "Siti Aminah" in run("list", "--place", "332602").output


def test_it_adds_with_a_password_typed_twice(roles: Roles, paninggaran: Place) -> None:
    weak = run("add", *SITI, typed="12345678\n12345678\n")
    assert (weak.exit_code, User.objects.count()) == (1, 0)

    result = run("add", *SITI, typed="sawah luas 17\nsawah luas 17\n")

    assert result.exit_code == 0, result.output
    assert User.objects.get().check_password("sawah luas 17")


def test_it_lets_a_locked_out_administrator_back_in(ani: User) -> None:
    assert "/akun/tautan/" in run("reset", "ani", "--phone").output
    assert run("reset", "nobody").exit_code == 1


def test_it_gives_ends_and_lists_mandates(siti: User, tono: User) -> None:
    given = run("mandate", "tono", "--role", "facilitator", "--place", "33.26.02")
    assert "tono" in given.output
    listed = run("list", "--place", "33.26").output
    assert [line.split()[0] for line in listed.splitlines()] == ["siti", "tono"]

    at = ["--role", "facilitator", "--place", "33.26.02", "--reason", "Moved."]
    assert run("end", "tono", *at[:-1], " ").exit_code == 1
    assert "fund_officer" in run("end", "tono", *at, "--role", "queen").output
    assert run("end", "tono", *at).exit_code == 0
    assert run("end", "tono", *at).exit_code == 1

    assert Mandate.objects.get(user=tono).end_reason == "Moved."
    assert "facilitator" in run("roles").output
    assert "fund_officer" in run("list", "--role", "queen").output


def test_every_command_helps_a_newcomer() -> None:
    for name in ("", *user.commands):
        assert len(run(*filter(None, [name]), "--help").output.splitlines()) > 4
