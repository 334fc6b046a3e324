"""Keep the message catalogues true to the code.

    python -m maintenance.messages check    # fail where Indonesian is missing
    python -m maintenance.messages update   # add new messages, drop unused ones

English stands in the code and is the id. Each package keeps its Indonesian in its
own `locale/id`; what `core` and the top say stands in `lumbung/locale/id`.
"""

import io
import os
import re
import sys
from collections import defaultdict
from operator import attrgetter
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.template import Engine, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).parent.parent / "lumbung"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "Message": (1,),
    "Plural": (1, 2),
}
# `_("Period")` as an argument of a tag, such as `include … with`.
IN_TAGS = re.compile(r"""\b_\((["'])(.+?)\1\)""")
Ids = dict[str, set[str | tuple[str, str]]]


def in_code() -> Ids:
    """Every message id in Python files, by the catalogue it belongs to."""
    found: Ids = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        if {"tests", "migrations"} & set(path.parts) or path.name == "conftest.py":
            continue
        source = io.BytesIO(path.read_bytes())
        for _, ids, _, _ in extract("python", source, keywords=KEYWORDS):
            found[home(path)].add(ids)
    return found


def in_templates() -> Ids:
    found: Ids = defaultdict(set)
    engine = Engine.get_default()
    for path in ROOT.rglob("templates/**/*.html"):
        text = path.read_text()
        found[home(path)] |= {said[2] for said in IN_TAGS.finditer(text)}
        nodes = Template(text, engine=engine).nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            found[home(path)].add(str(node.filter_expression.var.literal))
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            one, _ = node.render_token_list(node.singular)
            many = node.render_token_list(node.plural)[0] if node.plural else ""
            found[home(path)].add((one, many) if many else one)
    return found


def home(path: Path) -> str:
    """The folder whose catalogue a file's messages go into."""
    package = path.relative_to(ROOT).parts[0]
    # `core` and `measure` run without Django, which alone reads a package's own.
    return "" if package in {"core", "measure"} or package.endswith(".py") else package


def catalogue(package: str) -> Path:
    return ROOT / package / "locale/id/LC_MESSAGES/django.po"


def read(package: str) -> Catalog:
    path = catalogue(package)
    if not path.exists():
        return Catalog(locale="id")
    with path.open("rb") as file:
        return read_po(file, locale="id")


def key(ids: str | tuple[str, str]) -> str:
    return ids if isinstance(ids, str) else ids[0]


def check(wanted: Ids) -> list[str]:
    faults = []
    for package, ids in sorted(wanted.items()):
        known = read(package)
        for each in sorted(ids, key=key):
            message = known.get(key(each))
            if message is None or not message.string or message.fuzzy:
                faults.append(
                    f"{package or 'lumbung'}: no Indonesian for {key(each)!r}"
                )
            elif isinstance(each, tuple) and not all(message.string):
                faults.append(f"{package}: no Indonesian for {each!r}")
        unused = {m.id and key(m.id) for m in known} - {key(e) for e in ids} - {""}
        faults += [
            f"{package or 'lumbung'}: unused {each!r}" for each in sorted(unused)
        ]
    return faults


def differing(wanted: Ids) -> list[str]:
    """Ids that two catalogues say in two ways: Django takes the first for both."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for package in wanted:
        for message in filter(attrgetter("id"), read(package)):
            said[str(key(message.id))][package] = str(message.string)
    return [
        f"{each!r} is said in several ways: {ways}"
        for each, ways in sorted(said.items())
        if len(set(ways.values())) > 1
    ]


def update(wanted: Ids) -> None:
    for package, ids in wanted.items():
        old, new = read(package), Catalog(locale="id", charset="utf-8")
        for each in sorted(ids, key=key):
            known = old.get(key(each))
            string = known.string if known and not known.fuzzy else ""
            if isinstance(each, tuple) and isinstance(string, str):
                string = (string,)
            elif isinstance(each, str) and not isinstance(string, str):
                string = string[0]
            new.add(each, string=string)
        path = catalogue(package)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, new, omit_header=False, width=88, sort_output=True)
        # Indonesian has one form; Babel writes room for two.
        text = path.read_text().split("\n\n", 1)[1].replace('msgstr[1] ""\n', "")
        path.write_text(HEADER + "\n" + text)


HEADER = """# Indonesian. English, in the code, is the message id.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: id\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    wanted = in_code()
    for package, ids in in_templates().items():
        wanted[package] |= ids
    if sys.argv[1:] == ["update"]:
        update(wanted)
        return 0
    faults = check(wanted) + differing(wanted)
    print("\n".join(faults) or "Every message has its Indonesian.")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
