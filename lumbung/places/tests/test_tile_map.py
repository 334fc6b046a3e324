"""The map tells each place by link, shape and word, whatever is in its name."""

import gzip
import re
from itertools import groupby

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from lumbung.conftest import load_district
from lumbung.places import tiles
from lumbung.places.maps import Map
from lumbung.places.models import Level, Place
from lumbung.places.tiles import Group, Tile

WORDS = {"red": "merah", "yellow": "kuning", "green": "hijau", "": "tanpa data"}


def groups_of(district: Place) -> list[Group]:
    """Villages by sub-district; tones dealt round, every ninth with an open case."""
    villages = (
        Place.objects.in_force()
        .below(district)
        .filter(level=Level.VILLAGE)
        .select_related("parent")
        .order_by("code")
    )
    made = []
    for number, village in enumerate(villages):
        tone = list(WORDS)[number % 4]
        figure = str(10 + number % 60) if tone else ""
        made.append(
            (
                village.parent,
                Tile(
                    village.name,
                    f"/places/{village.code}",
                    tone,
                    WORDS[tone],
                    figure,
                    ring=number % 9 == 0,
                ),
            )
        )
    return [
        Group(above.name if above else "", [tile for _, tile in some])
        for above, some in groupby(made, key=lambda pair: pair[0])
    ]


@pytest.mark.parametrize(
    ("code", "count"), [("18.72", 22), ("33.26", 285), ("11.08", 852)]
)
def test_every_village_is_one_link_with_one_shape(
    code: str, count: int, db: None
) -> None:
    drawn = tiles.draw(groups_of(load_district(code)))

    assert len(re.findall(r'<a href="/places/[\d.]{13}"><title>', drawn)) == count
    assert len(re.findall(r'<use href="#t[mkhn]"', drawn)) == count
    assert drawn.count('href="#to"') == -(-count // 9)
    assert len(gzip.compress(drawn.encode())) < 30_000


def test_no_data_is_a_class_of_its_own() -> None:
    drawn = tiles.draw([Group("Tirto", [Tile("Wuled", "/w", "", "tanpa data")])])

    assert '<title>Wuled: tanpa data</title><use href="#tn" x="0" y="0"/></a>' in drawn


def test_a_ring_is_told_in_words_too() -> None:
    tile = Tile("Botosari", "/b", "red", "merah", "57", "57,4 %", ring=True)

    with translation.override("id"):
        drawn = tiles.draw([Group("Paninggaran", [tile])])

    assert "<title>Botosari: merah, 57,4 %, ada berkas berjalan</title>" in drawn


def test_names_cannot_break_out_of_the_drawing() -> None:
    bad = '"><script>alert(1)</script>'

    drawn = tiles.draw([Group(bad, [Tile(bad, bad, "red", bad, bad)], bad, bad)])

    assert "<script" not in drawn
    assert drawn.count("&lt;script&gt;") == 9


def test_a_screen_reader_hears_a_group_of_links_not_one_picture() -> None:
    drawn = tiles.draw([Group("Tirto", [Tile("Wuled", "/w", "red", "merah")])])

    assert '<svg role="group" aria-label="Tirto" viewBox="0 0 322 46">' in drawn


def test_the_legend_counts_each_class_and_the_rings() -> None:
    shown = [
        Group(
            "A", [Tile("a", "/a", "", "tanpa data"), Tile("b", "/b", "red", "merah")]
        ),
        Group("B", [Tile("c", "/c", "red", "merah", ring=True)]),
    ]

    legend = tiles.key(shown)

    assert legend.tones == [("red", "merah", 2), ("nodata", "tanpa data", 1)]
    assert legend.rings == 1


def test_the_page_part_offers_a_way_past_the_map() -> None:
    shown = [Group("A", [Tile("a", "/a", "red", "merah", ring=True)])]
    drawn = Map(tiles.draw(shown), tiles.key(shown))

    with translation.override("id"):
        page = render_to_string("places/map.html", {"map": drawn, "table": "tabel"})

    assert '<a href="#tabel">Lewati peta, ke tabel</a>' in page
    assert '<span class="tag red">1 merah</span>' in page
    assert "ada berkas (1)" in page


def test_a_comparison_marks_what_changed_by_shape_and_word() -> None:
    worse = Tile("Wuled", "/w", "red", "merah", mark="worse", mark_word="dulu kuning")

    drawn = tiles.draw([Group("Tirto", [worse])])

    assert "<title>Wuled: merah, dulu kuning</title>" in drawn
    assert '<use href="#tw" x="0" y="0"/></a>' in drawn
    assert tiles.key([Group("Tirto", [worse])]).marks == [("tw", 1)]
