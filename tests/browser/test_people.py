"""People: invited by paper, given a mandate that ends, and watched by an auditor."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LANGUAGES, House, World
from tests.browser.furnished import PASSWORD


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_invites_somebody_whose_mandate_then_ends(
    language: str, house: House
) -> None:
    username = f"joko.{language}"
    officer = house.enter("ratna", language, 360 if language == "id" else 1280)
    link = invite(officer, username)

    newcomer = house.enter("", language, 360)
    choose_password(newcomer, link)
    newcomer.goto(link)
    assert newcomer.locator("#id_password").count() == 0, "the link works twice"
    newcomer.goto("/akun/masuk/")
    newcomer.locator("#id_login").fill(username)
    newcomer.locator("#id_password").fill(PASSWORD)
    newcomer.locator("form.form button").click()
    newcomer.wait_for_url("/")
    newcomer.goto("/wilayah/33.26.02.2008/")
    assert newcomer.locator("main a[href^='/berkas/']").count() > 0

    end_mandate(officer)
    newcomer.reload()
    assert newcomer.locator("main a[href^='/berkas/']").count() == 0
    officer.goto("/jejak/?place=33.26.02")
    trail = officer.locator("main table").inner_text()
    assert f"Joko Susilo {language}" in trail


def invite(page: Page, username: str) -> str:
    page.goto("/orang/")
    page.locator("main a[href='/orang/undang/']").click()
    page.locator("#id_name").fill(f"Joko Susilo {username[-2:]}")
    page.locator("#id_username").fill(username)
    page.locator("#id_role").select_option("facilitator")
    page.locator("#id_place").fill("33.26.02")
    page.locator("main form.form button").click()
    page.wait_for_load_state()
    assert page.locator(".slip .qr svg").count() == 1
    return page.locator(".slip b", has_text="/akun/tautan/").inner_text()


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    for field in page.locator("main input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form.form button").click()
    page.wait_for_url("**/akun/masuk/")


def end_mandate(page: Page) -> None:
    page.locator("main .acts a.btn").click()
    page.locator("main table a[href$='/akhiri/']").click()
    page.locator("#id_reason").fill("Pindah tugas ke kabupaten lain")
    page.locator("main form.form button").click()
    page.wait_for_load_state()
    expect(page.locator("main table .tag").first).not_to_have_class("tag ready")


def test_an_auditor_sees_all_and_has_nothing_to_press(
    house: House, world: World
) -> None:
    uid = world.things["case"]
    page = house.enter("maria")
    page.goto(f"/berkas/{uid}/")
    assert page.locator("main form").count() == 0
    assert page.locator("main a.btn").count() == 0
    for verb in ("pindah", "lewati", "keputusan", "bukti", "hentikan"):
        assert page.locator(f"main a[href='/berkas/{uid}/{verb}/']").count() == 0
    page.goto("/jejak/")
    assert page.locator("main table tbody tr").count() > 10


def test_an_auditor_who_finds_the_address_is_refused(
    house: House, world: World
) -> None:
    uid = world.things["ready"]
    page = house.enter("maria", "en")
    page.goto(f"/berkas/{uid}/jeda/")
    page.locator("#id_reason").fill("Ingin mencoba")
    page.locator("main form.form button").click()
    expect(page.locator(".box.errs")).to_be_visible()
    page.goto(f"/berkas/{uid}/")
    assert page.locator(".steps li[aria-current=step]").count() == 1
