"""Checking a pack's folder: every fault at once, each where it is written."""

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lumbung.accounts.abilities import ABILITIES
from lumbung.core import conditions, gates, quorum
from lumbung.core.classification import edge_faults
from lumbung.core.composite import read_composite
from lumbung.core.message import Message
from lumbung.places.models import Level
from lumbung.programmes.packs.folder import Fault, Folder, Way, key_of, read_folder
from lumbung.programmes.packs.merge import merged
from lumbung.programmes.packs.pack import KINDS, LATER
from lumbung.programmes.packs.shape import (
    HEAD,
    LEVELS,
    SHAPES,
    Faulty,
    Items,
    Shape,
    unknown,
)
from lumbung.programmes.registry import FACTS

Content = dict[str, Any]
Find = Callable[[str], Content | None]  # 'lab@1.0' → the content of that pack


@dataclass(frozen=True)
class Checked:
    """A pack's folder as judged: its whole content, or what is wrong with it."""

    content: Content | None
    faults: tuple[Fault, ...]


def check(path: Path, *, find: Find) -> Checked:
    """Read and judge the pack in `path`; `find` knows the packs it may extend."""
    folder = read_folder(path)
    base = base_of(folder, find)
    content = whole(folder, base)
    for kind in KINDS:
        content[kind] = [
            {"id": item["id"]} | shaped(folder, SHAPES[kind], item, (kind, item["id"]))
            for item in content[kind]
        ]
    for judge in JUDGES:
        judge(folder, content)
    for kind in LATER:
        if not content[kind]:
            del content[kind], content["own"][kind]
    faults = sorted(
        folder.faults, key=lambda f: (f.spot.file, f.spot.row, f.spot.column)
    )
    return Checked(None if faults else content, tuple(dict.fromkeys(faults)))


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of a pack's content in canonical form: sorted keys, no spaces."""
    text = json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def base_of(folder: Folder, find: Find) -> Content | None:
    extends = folder.head.get("extends")
    if not isinstance(extends, str):
        return None
    base = find(extends)
    if base is None:
        text = Message("There is no pack %(pack)s: load it first.", pack=extends)
        folder.fault(("extends",), text)
    return base


def whole(folder: Folder, base: Content | None) -> Content:
    """The head, and each kind's items laid over those of the base.

    `own` lists what this pack itself brings or changes.
    """
    content: Content = shaped(folder, HEAD, folder.head, ())
    for kind in KINDS:
        content[kind] = merged(base.get(kind, []) if base else [], folder.items[kind])
    content["own"] = {
        kind: [
            item["id"] for item in folder.items[kind] if item.get("drop") is not True
        ]
        for kind in KINDS
    }
    return content


def shaped(folder: Folder, shape: Shape, raw: Any, way: Way) -> dict[str, Any]:
    """One item with each value as packs keep it; what does not fit becomes a fault."""
    if not isinstance(raw, Mapping):
        folder.fault(way, Message("Write names and values here."))
        return {}
    allowed = {**shape.must, **shape.may}
    for key in raw.keys() - allowed.keys():
        folder.fault((*way, str(key)), unknown_near(str(key), allowed))
    for key in shape.must.keys() - raw.keys():
        folder.fault(way, Message("%(key)s is missing.", key=key))
    item: dict[str, Any] = {}
    for key, holds in allowed.items():
        if raw.get(key) is None:
            if key in raw:
                folder.fault((*way, key), Message("%(key)s is empty.", key=key))
        elif isinstance(holds, Items):
            item[key] = inner_items(folder, holds, raw[key], (*way, key))
        else:
            try:
                item[key] = holds(raw[key])
            except Faulty as faulty:
                folder.fault((*way, key, *faulty.inner), faulty.message)
    return item


def inner_items(folder: Folder, items: Items, raw: Any, way: Way) -> list[Any]:
    if not isinstance(raw, list) or len(raw) < items.least:
        folder.fault(
            way, Message("Write a list of at least %(n)s here.", n=items.least)
        )
        return []
    return [
        shaped(folder, items.shape, each, (*way, key_of(each, index)))
        for index, each in enumerate(raw)
    ]


def unknown_near(key: str, allowed: Collection[str]) -> Message:
    near = difflib.get_close_matches(key, allowed, n=1)
    if not near:
        return unknown(key)
    return Message(
        "Unknown word %(word)s: did you mean %(near)s?", word=key, near=near[0]
    )


# What the items say of one another. Each judge adds its faults to the folder. Keys
# that are missing or faulty have been told of already, so judges pass over them.


def judge_sources(folder: Folder, content: Content) -> None:
    """Each source is listed; what is our own proposal is an example, and says so."""
    own = {s["id"] for s in content["sources"] if s.get("kind") == "own"}
    known = ids(content, "sources")
    for way, item in born(content):
        named = set(item.get("source", own))
        for id in named - known:
            no_such(folder, (*way, "source"), id, known)
        if not named:
            folder.fault((*way, "source"), Message("Name at least one source."))
        elif "source" in item and named <= own and item.get("status") != "example":
            text = Message("Without an outside source the status is example.")
            folder.fault((*way, "status"), text)


def born(content: Content) -> Iterator[tuple[Way, dict[str, Any]]]:
    """Each item that carries a source and a status, with its way."""
    for kind in KINDS[1:]:
        for item in content[kind]:
            yield (kind, item["id"]), item
    for template in content["templates"]:
        for step in template.get("steps", ()):
            yield ("templates", template["id"], "steps", step.get("id", 0)), step


def judge_head(folder: Folder, content: Content) -> None:
    if content.get("valid_from", "") > content.get("valid_to", "9999"):
        folder.fault(("valid_to",), Message("valid_to is before valid_from."))


def judge_roles(folder: Folder, content: Content) -> None:
    roles = ids(content, "roles")
    for role in content["roles"]:
        way = ("roles", role["id"])
        for ability in set(role.get("abilities", ())) - ABILITIES:
            no_such(folder, (*way, "abilities"), ability, ABILITIES)
        levels = role.get("levels", [0])
        if not levels or not set(levels) <= set(Level):
            text = Message("Levels are 0 country, 1 province, 2, 3, 4 village.")
            folder.fault((*way, "levels"), text)
    for pair in content["exclusive_roles"]:
        way = ("exclusive_roles", pair["id"])
        for side in ("one", "other"):
            if pair.get(side) not in roles | {None}:
                no_such(folder, (*way, side), pair[side], roles)
        if pair.get("one", 1) == pair.get("other", 2):
            folder.fault((*way, "other"), Message("Name two different roles."))


def judge_facts(folder: Folder, content: Content) -> None:
    for fact in content["facts"]:
        if "type" in fact and (fact["type"] == "choice") != ("choices" in fact):
            text = Message("A fact of type choice has choices, and no other has.")
            folder.fault(("facts", fact["id"], "choices"), text)


def judge_classes(folder: Folder, content: Content) -> None:
    indicators = ids(content, "indicators")
    for scheme in content["class_schemes"]:
        way = ("class_schemes", scheme["id"])
        if scheme.get("indicator") not in indicators | {None}:
            no_such(folder, (*way, "indicator"), scheme["indicator"], indicators)
        listed = [each.get("code") for each in scheme.get("classes", ())]
        if len(set(listed)) < len(listed):
            folder.fault((*way, "classes"), Message("Two classes have one code."))


def judge_classifications(folder: Folder, content: Content) -> None:
    """A rule's classes are its scheme's, its edges lie between them, its periods apart."""
    units = {i["id"]: i.get("unit") for i in content["indicators"]}
    schemes = {s["id"]: s for s in content["class_schemes"]}
    for rule in content["classifications"]:
        way: Way = ("classifications", rule["id"])
        scheme = rule.get("scheme")
        if scheme is not None and scheme not in schemes:
            no_such(folder, (*way, "scheme"), scheme, schemes)
        elif "classes" in rule and scheme:
            known = {each.get("code") for each in schemes[scheme].get("classes", ())}
            if len(set(rule["classes"])) < len(rule["classes"]) or not known:
                text = Message("Two classes have one code.")
                folder.fault((*way, "classes"), text)
            for code in set(rule["classes"]) - known:
                no_such(folder, (*way, "classes"), code, known)
        if "value" in rule:
            for id in set(read_composite(rule["value"]).indicators) - units.keys():
                no_such(folder, (*way, "value"), id, units)
        judge_within(folder, way, rule)
        judge_edges(folder, way, rule)


def judge_within(folder: Folder, way: Way, rule: dict[str, Any]) -> None:
    """Places are ranked within a territory that holds them."""
    if not {"within", "level"} <= rule.keys():
        return
    if LEVELS.index(rule["within"]) >= LEVELS.index(rule["level"]):
        text = Message("Rank places within a larger one than they are themselves.")
        folder.fault((*way, "within"), text)


def judge_edges(folder: Folder, way: Way, rule: dict[str, Any]) -> None:
    """Edges stand once for all, or in spans of periods that do not meet."""
    if ("edges" in rule) == ("by_period" in rule):
        folder.fault(way, Message("Write either edges or by_period."))
        return
    if "classes" not in rule:
        return
    ranks = "within" in rule
    if "edges" in rule:
        for inner, message in edge_faults(rule["classes"], rule["edges"], ranks=ranks):
            folder.fault((*way, "edges", *inner), message)
        return
    last: str | None = ""
    for index, span in enumerate(rule["by_period"]):
        here: Way = (*way, "by_period", index)
        begins, ends = span.get("from", ""), span.get("to")
        if (
            last is None
            or (index and begins[: len(last)] <= last)
            or (ends or begins) < begins
        ):
            text = Message("Spans follow one another in time, and do not meet.")
            folder.fault((*here, "from"), text)
        last = ends
        edges = span.get("edges", ())
        for inner, message in edge_faults(rule["classes"], edges, ranks=ranks):
            folder.fault((*here, "edges", *inner), message)


def judge_programmes(folder: Folder, content: Content) -> None:
    templates = {t["id"]: t.get("programme") for t in content["templates"]}
    programmes = ids(content, "programmes")
    for programme in content["programmes"]:
        way: Way = ("programmes", programme["id"], "templates")
        for id in programme.get("templates", ()):
            if id not in templates:
                no_such(folder, way, id, templates)
            elif templates[id] not in {programme["id"], None}:
                text = Message("%(id)s belongs to another programme.", id=id)
                folder.fault(way, text)
    prefixes: set[str] = set()
    for template in content["templates"]:
        way = ("templates", template["id"])
        if template.get("programme") not in programmes | {None}:
            no_such(folder, (*way, "programme"), template["programme"], programmes)
        if template.get("prefix") in prefixes:
            text = Message("Another template has this prefix: numbers would collide.")
            folder.fault((*way, "prefix"), text)
        prefixes |= {template["prefix"]} if "prefix" in template else set()


def judge_steps(folder: Folder, content: Content) -> None:
    movers = {
        r["id"] for r in content["roles"] if "case.move" in r.get("abilities", ())
    }
    facts = ids(content, "facts")
    for template in content["templates"]:
        earlier: set[str] = set()
        declared: set[str] = set()
        for index, step in enumerate(template.get("steps", ())):
            way: Way = ("templates", template["id"], "steps", step.get("id", index))
            for role in set(step.get("movers", ())) - movers:
                text = Message("%(role)s is no role that may move a case.", role=role)
                folder.fault((*way, "movers"), text)
            for fact in set(step.get("declares", ())) - facts:
                no_such(folder, (*way, "declares"), fact, facts)
            for id in set(step.get("returns", ())) - earlier:
                text = Message("%(id)s is no earlier step.", id=id)
                folder.fault((*way, "returns"), text)
            declared |= set(step.get("declares", ()))
            earlier |= {step["id"]} if "id" in step else set()
            judge_was(folder, (*way, "was"), step, template["steps"])
            judge_quorum(folder, way, step)
            judge_gate(folder, content, way, step, declared)


def judge_was(folder: Folder, way: Way, step: Content, steps: list[Content]) -> None:
    """What a step was called before is the id of no step now, and of one step only."""
    for id in step.get("was", ()):
        holders = [each for each in steps if id in each.get("was", ())]
        if len(holders) > 1 or any(each.get("id") == id for each in steps):
            text = Message("%(id)s is the id of another step.", id=id)
            folder.fault(way, text)


def judge_quorum(folder: Folder, way: Way, step: dict[str, Any]) -> None:
    if "quorum" not in step:
        if "decision:quorum" in str(step.get("gate")):
            text = Message("The gate asks for a quorum: write the step's quorum.")
            folder.fault((*way, "gate"), text)
        return
    try:
        quorum.parse(step["quorum"])
    except quorum.QuorumFault as fault:
        folder.fault((*way, "quorum"), fault.message)


def judge_gate(
    folder: Folder, content: Content, way: Way, step: dict[str, Any], declared: set[str]
) -> None:
    if "gate" not in step:
        return
    types = askable(content, step, declared)
    choices = {
        f"declared:{fact['id']}": [choice.get("id") for choice in fact["choices"]]
        for fact in content["facts"]
        if "choices" in fact
    }
    for scheme in content["class_schemes"]:
        codes = [each.get("code") for each in scheme.get("classes", ())]
        choices[f"class:{scheme['id']}"] = codes
    for fact in suffixed(step["gate"], types):
        base = fact.partition("@")[0]
        types[fact] = types[base]
        choices |= {fact: choices[base]} if base in choices else {}
    untyped = {f"declared:{f['id']}" for f in content["facts"] if "type" not in f}
    for found in gates.check(step["gate"], types, choices):
        fact = str(found.message.values.get("fact", ""))
        if found.path[-1:] == ("fact",) and fact in untyped:
            continue
        message = nearest(found.message, fact, types)
        folder.fault((*way, "gate", *found.path), message)


def suffixed(raw: Any, types: Collection[str]) -> Iterator[str]:
    """The facts a gate names with something behind an @ that their kind takes."""
    gate, _ = conditions.read(raw)
    for condition in conditions.conditions(gate):
        base, mark, suffix = condition.fact.partition("@")
        kind = FACTS.get(base.partition(":")[0])
        if mark and kind and base in types and re.fullmatch(kind.suffix, suffix):
            yield condition.fact


def nearest(message: Message, fact: str, types: Collection[str]) -> Message:
    """The message about a fact that is not there, with the one that may be meant."""
    if not fact or fact in types:
        return message
    near = difflib.get_close_matches(fact, types, n=1)
    if not near:
        return message
    return Message(
        "There is no fact %(fact)s here. Did you mean %(near)s?",
        fact=fact,
        near=near[0],
    )


def askable(
    content: Content, step: dict[str, Any], declared: set[str]
) -> dict[str, str]:
    """The facts that this step's gate may name, with their types.

    A declared fact may be asked for from the step on that asks people to enter it.
    """
    types: dict[str, str] = {}
    units = {i["id"]: i["unit"] for i in content["indicators"] if "unit" in i}
    own = {
        fact["id"]: fact["type"]
        for fact in content["facts"]
        if fact["id"] in declared and "type" in fact
    }
    for name, kind in FACTS.items():
        match kind.takes:
            case "":
                types[name] = kind.type
            case "requirement":
                papers = [p for p in step.get("evidence", ()) if "id" in p]
                types |= {f"{name}:{paper['id']}": kind.type for paper in papers}
            case "declared":
                types |= {f"{name}:{id}": type for id, type in own.items()}
            case "indicator":
                types |= {f"{name}:{id}": unit for id, unit in units.items()}
            case "scheme":
                schemes = [scheme["id"] for scheme in content["class_schemes"]]
                types |= {f"{name}:{id}": kind.type for id in schemes}
    return types


def ids(content: Content, kind: str) -> set[str]:
    return {item["id"] for item in content[kind]}


def no_such(folder: Folder, way: Way, id: str, known: Collection[str]) -> None:
    near = difflib.get_close_matches(id, list(known), n=1)
    text = (
        Message("There is no %(id)s: did you mean %(near)s?", id=id, near=near[0])
        if near
        else Message("There is no %(id)s.", id=id)
    )
    folder.fault(way, text)


JUDGES = (
    judge_head,
    judge_sources,
    judge_roles,
    judge_facts,
    judge_classes,
    judge_classifications,
    judge_programmes,
    judge_steps,
)
