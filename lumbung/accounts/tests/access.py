"""Who gets which answer at the addresses of `accounts`."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from lumbung.accounts import actions
from lumbung.conftest import give, make_place, make_user
from tests.access import Answers, Row, World, everyone, furnish, public, to


@furnish
def people(world: World) -> None:
    """Slamet has a token, Siti an open link; Rini works in Kampar, Wati here and there."""
    cast, now = world.cast, timezone.now()
    world.things["token"], _ = actions.make_token(
        label="Excel", until=now + timedelta(days=9), by=cast("slamet"), now=now
    )
    rini = make_user("Rini Kampar-Contoh")
    world.things["kampar mandate"] = give(
        rini, cast("roles")["facilitator"], cast("kampar")
    )
    world.things["rini"] = rini
    world.mark(cast("kampar"), rini.uid, rini.name, rini.username)
    world.mark(cast("kampar"), world.things["kampar mandate"].uid)
    hidden = make_place("14.01.09", "Luar-Kampar-Contoh", cast("kampar"))
    wati = world.things["wati"] = make_user("Wati Contoh")
    far = give(wati, cast("roles")["facilitator"], hidden)
    give(wati, cast("roles")["facilitator"], cast("paninggaran"))
    # Names of places are everybody's; that somebody works there is not.
    world.mark(hidden, f"facilitator, {hidden.name}", far.uid)
    world.mark(cast("pekalongan"), cast("ratna").mandates.get().uid)
    actions.make_reset_link(person=rini, by=cast("budi"), now=now)
    world.things["link"] = actions.make_reset_link(
        person=cast("siti"), by=cast("slamet"), now=now
    )


def of(name: str, attribute: str = "uid") -> Any:
    """An argument that reads a person of the cast."""
    return lambda world: getattr(world.cast(name), attribute)


def managing_siti(status: int) -> Answers:
    """Who manages nobody gets 403; who manages others, 404: Siti is not there."""
    return to("slamet ratna ani", status, 403) | {"budi": 404}


def siti_s_mandate(world: World) -> Any:
    return world.cast("siti").mandates.get().uid


ROWS = {
    "account_login": Row(everyone(302, anonymous=200)),
    "account_logout": Row(everyone(), post=everyone(302)),
    "account_inactive": Row(public()),
    "account_reauthenticate": Row(everyone()),
    "account_change_password": Row(everyone()),
    "mfa_index": Row(everyone()),
    "mfa_authenticate": Row(everyone(302)),
    "mfa_reauthenticate": Row(everyone(302)),
    "mfa_activate_totp": Row(everyone(302)),
    "mfa_deactivate_totp": Row(everyone(404)),
    "mfa_view_recovery_codes": Row(everyone(404)),
    "mfa_generate_recovery_codes": Row(everyone(302)),
    "mfa_download_recovery_codes": Row(everyone(404)),
    "accounts:openid_out": Row(public(404)),
    "accounts:openid_back": Row(public(404)),
    "accounts:openid_unlink": Row(public(405), post=everyone(302)),
    "mfa_list_webauthn": Row(everyone()),
    "mfa_add_webauthn": Row(everyone(302)),
    "mfa_login_webauthn": Row(public(302)),
    "mfa_reauthenticate_webauthn": Row(everyone(302)),
    "mfa_edit_webauthn": Row(everyone(404), number=lambda world: 1),
    "mfa_remove_webauthn": Row(everyone(404), number=lambda world: 1),
    "usersessions_list": Row(everyone(), post=everyone(302)),
    "accounts:account": Row(everyone()),
    "accounts:enter_demo": Row(public(405), post=public(404)),
    "accounts:find_link": Row(public()),
    "accounts:use_link": Row(public(), secret=lambda world: world.things["link"]),
    "accounts:make_token": Row(everyone()),
    "accounts:revoke_token": Row(
        everyone(405, anonymous=405),
        post=to("slamet", 302),
        uid=lambda world: world.things["token"].uid,
    ),
    "accounts:roles": Row(everyone()),
    "accounts:trail": Row(everyone()),
    "accounts:people": Row(to("slamet ratna budi maria ani", 200, 403)),
    "accounts:invite_user": Row(to("slamet ratna budi ani", 200, 403)),
    "accounts:person": Row(
        to("slamet ratna budi maria ani", 200, 403),
        uid=lambda world: world.things["wati"].uid,
    ),
    "accounts:give_mandate": Row(managing_siti(200), uid=of("siti")),
    "accounts:end_mandate": Row(managing_siti(200), uid=siti_s_mandate),
    "programmes:hand_over_mandate": Row(managing_siti(200), uid=siti_s_mandate),
    "accounts:deactivate_user": Row(managing_siti(200), uid=of("siti")),
    "accounts:make_reset_link": Row(
        everyone(405, anonymous=405),
        post=managing_siti(200),
        uid=of("siti"),
    ),
    "accounts:reactivate_user": Row(
        everyone(405, anonymous=405),
        post=managing_siti(302),
        uid=of("siti"),
    ),
    "accounts:remove_second_factor": Row(
        everyone(405, anonymous=405),
        post=managing_siti(302),
        uid=of("siti"),
    ),
}
