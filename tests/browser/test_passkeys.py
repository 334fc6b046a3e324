"""Passkeys, by Chromium's own virtual authenticator: made, used, named, removed."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import LANGUAGES, House
from tests.browser.furnished import PASSWORD

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_key(page: Page) -> tuple[CDPSession, str]:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return cdp, str(made["authenticatorId"])


def by_password(page: Page, home: str) -> None:
    page.goto(f"{home}/akun/masuk/")
    page.locator("#id_login").fill("ratna")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form.form button.btn").click()
    page.wait_for_url(lambda url: "/akun/masuk/" not in url)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_passkey_is_made_opens_the_door_and_is_removed(
    language: str, house: House
) -> None:
    width = 360 if language == "id" else 1280
    # Passkeys are bound to a name: an address of numbers has none.
    house.url = house.url.replace("127.0.0.1", "localhost")
    home = house.url
    page = house.context(language, width).new_page()
    cdp, key = with_key(page)

    by_password(page, home)
    page.goto(f"{home}/akun/kunci/baru/")
    page.locator("#id_password").fill(PASSWORD)  # is it still you?
    page.locator("main form.form button.btn").click()
    page.locator("#id_name").fill("Ponsel Ratna")
    page.locator("#passkey_add").click()
    page.wait_for_url("**/akun/kode/")  # a paper copy, for when the phone is lost
    assert (
        len(
            cdp.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
        )
        == 1
    )

    # Alone, without a password.
    leave(page, home)
    page.locator("#passkey_login").click()
    page.wait_for_url(f"{home}/")
    page.goto(f"{home}/akun/")
    expect(
        page.locator("section[aria-labelledby=signins] tbody tr").first
    ).to_contain_text("dengan kunci sandi" if language == "id" else "by passkey")

    # After the password, as the second thing.
    leave(page, home)
    by_password(page, home)
    page.wait_for_url("**/akun/ponsel/masuk/")
    page.locator("#passkey_second").click()
    page.wait_for_url(f"{home}/")

    # Somebody without the key does not come in, and is told so.
    leave(page, home)
    cdp.send(
        "WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False}
    )
    page.locator("#passkey_login").click()
    expect(page.locator("#passkey-failed")).to_be_visible(timeout=20_000)
    cdp.send(
        "WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True}
    )
    page.locator("#passkey_login").click()
    page.wait_for_url(f"{home}/")

    rename_and_remove(page, home)
    leave(page, home)
    page.locator("#passkey_login").click()
    page.wait_for_load_state()
    assert page.url.startswith(f"{home}/akun/masuk/")


def rename_and_remove(page: Page, home: str) -> None:
    page.goto(f"{home}/akun/kunci/1/nama/")
    page.locator("main a[href*='/akun/kunci/yakin/']").click()  # still you, by the key
    page.locator("#passkey_again").click()
    page.locator("#id_name").fill("Ponsel lama")
    page.locator("main form.form button.btn").click()
    expect(page.locator("tbody th")).to_contain_text("Ponsel lama")
    page.locator("tbody a[href$='/lepas/']").click()
    page.locator("main form.form button.btn").click()
    expect(page.locator("tbody tr")).to_have_count(0)


def leave(page: Page, home: str) -> None:
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{home}/akun/masuk/")


def test_without_scripts_the_door_opens_by_password_alone(house: House) -> None:
    page = house.context("id", 360, script=False).new_page()
    by_password(page, house.url)

    page.wait_for_url(f"{house.url}/")
    page.goto("/akun/kunci/baru/")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form.form button.btn").click()
    expect(page.locator("[data-no-passkey]")).to_be_visible()
    expect(page.locator("#passkey_add")).to_be_hidden()
