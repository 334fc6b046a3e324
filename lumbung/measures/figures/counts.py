"""Certificates of counts of places: by class, and all of them."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from lumbung.accounts.models import User
from lumbung.core.message import Message, Share, Text, Value
from lumbung.fields import below
from lumbung.measures.figures.figure import (
    FIGURES,
    Address,
    Figure,
    Kind,
    Rows,
    Said,
    digest,
)
from lumbung.measures.figures.values import place_of, rule_of
from lumbung.measures.models import ClassScheme, PlaceClass, Source
from lumbung.places.models import Level, Place
from lumbung.programmes.models import CasePlace

LEVELS = {
    Level.COUNTRY: Message("countries"),
    Level.PROVINCE: Message("provinces"),
    Level.DISTRICT: Message("districts"),
    Level.SUBDISTRICT: Message("sub-districts"),
    Level.VILLAGE: Message("villages"),
}
CLOSED = Message("Places that are no longer in force are not counted.")


def level_of(found: Address) -> Level | None:
    """The level whose places are counted; villages where the address names none."""
    text = found.get("tingkat") or str(int(Level.VILLAGE))
    return Level(int(text)) if text in {str(int(level)) for level in Level} else None


def classed(found: Address) -> "QuerySet[PlaceClass] | None":
    """The classes in force of all places that the address speaks of."""
    place, level = place_of(found), level_of(found)
    scheme = ClassScheme.objects.filter(code=found.get("skema")).first()
    if place is None or level is None or scheme is None:
        return None
    rows = PlaceClass.objects.standing(scheme, found.get("periode"), place, level)
    return rows if rows.exists() else None


def class_rows(found: Address, user: User) -> "QuerySet[Place]":
    """The places that have the class, or all classed ones where none is named."""
    rows = classed(found)
    if rows is None:
        return Place.objects.none()
    if found.get("kelas"):
        rows = rows.filter(code=found.get("kelas"))
    return Place.objects.filter(pk__in=rows.values("place"))


def certify_class_count(found: Address, user: User, on: date) -> Figure | None:
    """How many places have a class: `67 red`."""
    rows = classed(found)
    if rows is None:
        return None
    scheme = ClassScheme.objects.get(code=found.get("skema"))
    names = scheme.named_classes()
    if found.get("kelas") not in names:
        return None
    total = rows.count()
    one = rows.filter(code=found.get("kelas"))
    codes = list(one.values_list("place__code", flat=True))
    tone, name = names[found.get("kelas")]
    figure = of_class(found, scheme, rows, name)
    figure.title = Message(
        "%(level)s of class %(class)s, %(where)s", **{"class": name}, **titled(figure)
    )
    figure.value = len(codes)
    figure.tone = tone
    figure.formula = Message("Counted: %(count)s places.", count=len(codes))
    figure.rows = Rows(len(codes), digest(codes), found.rows_url)
    share = found.but("bagian-kelas")
    figure.related = [
        (Message("Share of all classed places"), Share(len(codes), total), share)
    ]
    return figure


def certify_class_share(found: Address, user: User, on: date) -> Figure | None:
    """Which part of the classed places has a class."""
    rows = classed(found)
    if rows is None:
        return None
    scheme = ClassScheme.objects.get(code=found.get("skema"))
    names = scheme.named_classes()
    if found.get("kelas") not in names:
        return None
    codes = list(rows.values_list("place__code", flat=True))
    part = rows.filter(code=found.get("kelas")).count()
    tone, name = names[found.get("kelas")]
    figure = of_class(found, scheme, rows, name)
    figure.title = Message(
        "Share of %(level)s of class %(class)s, %(where)s",
        **{"class": name},
        **titled(figure),
    )
    figure.value = Share(part, len(codes))
    figure.tone = tone
    figure.formula = Message(
        "%(part)s of this class ÷ %(total)s classed = %(share)s",
        part=part,
        total=len(codes),
        share=Share(part, len(codes)),
    )
    everyone = found.but(kelas="")
    figure.rows = Rows(len(codes), digest(codes), everyone.rows_url)
    figure.related = [
        (Message("How many of this class"), part, found.but("jumlah-kelas"))
    ]
    return figure


def of_class(
    found: Address,
    scheme: ClassScheme,
    rows: "QuerySet[PlaceClass]",
    name: Text,
) -> Figure:
    """What the count and the share of a class have in common."""
    place, level = place_of(found), level_of(found)
    assert place is not None
    assert level is not None
    sources = list(Source.objects.filter(pk__in=rows.values("source")).order_by("pk"))
    return Figure(
        address=found,
        title=Message(
            "%(scheme)s, %(place)s, %(period)s",
            scheme=scheme.words,
            place=place.name,
            period=found.get("periode"),
        ),
        value=0,
        meaning=Message(
            "The places in %(place)s whose class in %(period)s is “%(class)s”.",
            **{"class": name},
            place=place.name,
            period=found.get("periode"),
        ),
        formula="",
        counts=LEVELS[level],
        place=place,
        is_example=any(source.is_example for source in sources),
        sources=sources,
        rule=rule_of(scheme, "class_schemes"),
        notes=[CLOSED],
    )


def titled(figure: Figure) -> dict[str, Value]:
    """What both titles say after the class: of which places, by what, where, when."""
    assert isinstance(figure.counts, Message)
    return {"level": figure.counts, "where": figure.title}


HOLDING: dict[str, Said] = {
    "": Message("All places of this level in force."),
    "kelas": Message("Places in which at least one place has a class."),
    "tanpa-kelas": Message("Places in which no place has a class."),
    "berkas": Message(
        "Places in which an open case that you may see has its main place."
    ),
}


def place_rows(found: Address, user: User) -> "QuerySet[Place]":
    """Places of one level in a place: all, or those that hold what is asked for."""
    place, level = place_of(found), level_of(found)
    if place is None or level is None:
        return Place.objects.none()
    rows = Place.objects.in_force().below(place).filter(level=level)
    match found.get("ada"):
        case "":
            return rows
        case "berkas":
            return rows.filter(path__in=above(open_paths(place, user), level))
        case "kelas":
            return rows.filter(path__in=above(class_paths(found, place), level))
        case "tanpa-kelas":
            return rows.exclude(path__in=above(class_paths(found, place), level))
        case _:
            return Place.objects.none()


def open_paths(place: Place, user: User) -> Any:
    rows = CasePlace.objects.open_mains(place).visible_to(user)
    return rows.values_list("path", flat=True)


def class_paths(found: Address, place: Place) -> Any:
    rows = PlaceClass.objects.current().filter(
        below("place__path", place.path),
        scheme__code=found.get("skema"),
        period=found.get("periode"),
        place__closed_in=None,
    )
    return rows.values_list("place__path", flat=True)


def above(paths: Any, level: Level) -> set[str]:
    """The paths of `level` in which `paths` lie.

    >>> above(["ID.33.26.02.2008."], Level.DISTRICT)
    {'ID.33.26.'}
    """
    depth = int(level) + 1
    cut = (path.split(".")[:depth] for path in paths)
    return {".".join(parts) + "." for parts in cut if len(parts) == depth}


def certify_places(found: Address, user: User, on: date) -> Figure | None:
    """How many places a place has: `285 villages`."""
    place, level = place_of(found), level_of(found)
    if place is None or level is None or found.get("ada") not in HOLDING:
        return None
    codes = list(place_rows(found, user).values_list("code", flat=True))
    return Figure(
        address=found,
        title=Message("%(level)s in %(place)s", level=LEVELS[level], place=place.name),
        value=len(codes),
        meaning=HOLDING[found.get("ada")],
        formula=Message("Counted: %(count)s places.", count=len(codes)),
        counts=LEVELS[level],
        place=place,
        is_reference=found.get("ada") != "berkas",
        rule=None,
        rows=Rows(len(codes), digest(codes), found.rows_url),
        notes=[
            Message("From the official list of places that is in force here."),
            CLOSED,
        ],
    )


CLASS_KEYS = ("tempat", "skema", "periode", "tingkat", "kelas")
FIGURES["jumlah-kelas"] = Kind(CLASS_KEYS, certify_class_count, class_rows)
FIGURES["bagian-kelas"] = Kind(CLASS_KEYS, certify_class_share, class_rows)
FIGURES["tempat"] = Kind(
    ("tempat", "tingkat", "ada", "skema", "periode"), certify_places, place_rows
)
