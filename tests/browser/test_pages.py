"""Every page, in both languages, at a desk and on a phone."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.addresses import Visit, unlisted, visits
from tests.browser.conftest import SEEN, House, World

AXE = Axe()
RULES = {
    "runOnly": [
        *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
        "best-practice",
    ],
    "resultTypes": ["violations"],
}
VIEWS = [("id", 1280), ("en", 1280), ("id", 360)]
# Words that no Indonesian page may show: they are ours, untranslated.
ENGLISH = re.compile(
    r"\b(the|and|with|your|you|this|that|from|of|is|are|was|were|case|step|steps|"
    r"evidence|place|places|search|show|sign|password|people|mandates?|village)\b",
    re.IGNORECASE,
)
OPEN = "document.querySelectorAll('details:not(.me)').forEach(d => d.open = true)"
# What a reader sees, without what names another language, code, and data of people.
WORDS = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('[lang],code,pre,abbr,cite,.lang,.me b').forEach(e => e.remove());
  const labels = [...document.querySelectorAll('[aria-label],[title],[alt]')].map(
    e => ['aria-label', 'title', 'alt'].map(a => e.getAttribute(a) || '').join(' '));
  return document.title + ' ' + copy.textContent + ' ' + labels.join(' ');
}"""
# Controls that a finger cannot hit; links inside sentences are exempt, and outlines on a
# map, which are as large as the places: the table below has the same links. Under a mouse
# 24 px is enough: axe's rule `target-size` sees to it.
SMALL = """(least) => {
  const small = [];
  for (const e of document.querySelectorAll('a[href],button,input,select,textarea,summary')) {
    const label = e.closest('label');
    const box = (label && e.matches('[type=radio],[type=checkbox]') ? label : e)
      .getBoundingClientRect();
    if (!box.width || !box.height || e.closest('.hide,.skip,.land')) continue;
    if (e.matches('[type=hidden]')) continue;
    const style = getComputedStyle(e);
    const flows = style.display === 'inline' && e.parentElement.textContent.trim()
      .length > e.textContent.trim().length;
    if (flows) continue;
    if (box.height < least - 0.5 || box.width < Math.min(least, 24) - 0.5)
      small.push(`${Math.round(box.width)}x${Math.round(box.height)} ${e.outerHTML.slice(0, 120)}`);
  }
  return small;
}"""
LISTED = visits()


def named(case: Any) -> str:
    return case if isinstance(case, str) else f"{case.who}{case.query}"


def test_every_page_of_the_url_table_is_looked_at() -> None:
    assert unlisted() == set()


@pytest.mark.parametrize(("name", "visit"), LISTED, ids=named)
def test_page(name: str, visit: Visit, house: House, world: World, shots: Path) -> None:
    path = visit.path(name, world)
    faults: list[str] = []
    for language, width in VIEWS:
        page = house.enter(visit.who, language, width)
        seen = page.goto(path)
        assert seen, path
        assert seen.status == visit.status, f"{path} as {visit.who}: {seen.status}"
        assert page.locator("html").get_attribute("lang") == language
        faults += guarded(seen.headers, page)
        faults += [f"{language} {width}: {fault}" for fault in look(page, width)]
        if language == "id":
            faults += english(page)
        picture = f"{shot(name, visit, path)}-{language}-{width}.png"
        page.screenshot(path=shots / picture, full_page=True)
        page.evaluate(OPEN)
        faults += [f"{language} {width}: {fault}" for fault in violations(page)]
        SEEN["pages"].add(path)
        SEEN["views"].add(f"{path} {visit.who} {language} {width}")
        page.context.close()
    faults = list(dict.fromkeys(faults))
    with (shots / "faults.txt").open("a") as file:
        file.writelines(f"{path} as {visit.who}: {fault}\n" for fault in faults)
    assert not faults, "\n".join(faults)


def shot(name: str, visit: Visit, path: str) -> str:
    what = re.sub(r"[0-9a-f-]{36}|\W+", "-", path).strip("-")[:40]
    tail = hash_of(path)
    return f"{name.replace(':', '.')}-{visit.who or 'nobody'}-{what}-{tail}"


def hash_of(path: str) -> str:
    found = re.findall(r"[0-9a-f]{12}", path)
    return found[0][-4:] if found else ""


def look(page: Page, width: int) -> list[str]:
    """What is too wide or too small."""
    faults = sideways(page)
    if width < 600:
        faults += [f"small: {each}" for each in page.evaluate(SMALL, 44)]
        page.set_viewport_size({"width": 320, "height": 640})
        faults += sideways(page)
        page.set_viewport_size({"width": width, "height": 740})
    return faults


def sideways(page: Page) -> list[str]:
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    beyond = page.evaluate(wide)
    width = page.viewport_size["width"] if page.viewport_size else 0
    return [f"{beyond} px too wide at {width}"] if beyond > 0 else []


def violations(page: Page) -> list[str]:
    found = AXE.run(page, options=RULES)
    return [
        f"axe {each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for each in found.response["violations"]
        for node in each["nodes"][:3]
    ]


def english(page: Page) -> list[str]:
    text = re.sub(r"https?://\S+", "", page.evaluate(WORDS))
    return [
        f"English: …{text[max(0, hit.start() - 40) : hit.end() + 40]!r}"
        for hit in ENGLISH.finditer(text)
    ][:5]


def guarded(headers: dict[str, str], page: Page) -> list[str]:
    """The policy stands on every page, and nothing on it needs an exception."""
    faults = []
    if "default-src 'self'" not in headers.get("content-security-policy", ""):
        faults.append("no content security policy")
    if headers.get("x-frame-options") != "DENY":
        faults.append("may be framed")
    inline = page.locator(
        "[style], script:not([src]):not([type='application/json']), style, [onclick], [onchange]"
    )
    if inline.count():
        faults.append(f"inline: {inline.first.evaluate('e => e.outerHTML')[:120]}")
    return faults
