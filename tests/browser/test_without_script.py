"""Everything works where scripts are off, as on an old phone or a careful office."""

from playwright.sync_api import expect

from tests.browser.conftest import House, World
from tests.browser.papers import scan
from tests.browser.test_officer import override, sign_in, step_of


def test_signing_in_uploading_and_moving_need_no_script(
    house: House, world: World
) -> None:
    uid = world.things["walked"]["no-script"]
    page = house.enter("", width=360, script=False)
    sign_in(page, "ratna")
    page.goto(f"/berkas/{uid}/")
    page.locator(".gate a[href*='untuk=photos']").click()
    page.locator("#id_upload").set_input_files(scan())
    page.locator("main form.form button").click()
    page.wait_for_url(f"/berkas/{uid}/")
    expect(page.locator("#papers ~ table tbody tr")).to_have_count(1)
    page.locator("form[action$='/pindah/'] button").click()
    expect(page.locator(".box.errs")).to_be_visible()
    page.goto(f"/berkas/{uid}/")
    override(page, uid)
    assert step_of(page) == 8


def test_the_menu_opens_and_signs_out_without_script(house: House) -> None:
    page = house.enter("lina", script=False)  # her key is hers: it is handed in
    page.goto("/")
    page.locator(".me summary").click()
    page.locator(".me form button").click()
    page.wait_for_url("**/akun/masuk/")
