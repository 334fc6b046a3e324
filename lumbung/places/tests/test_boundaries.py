"""A file of boundaries is checked, joined by code, and never guessed at."""

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lumbung.conftest import load_district, make_place
from lumbung.core.refusal import Refusal
from lumbung.places import boundaries, outlines
from lumbung.places.boundaries import About, BoundaryPlan, preview
from lumbung.places.geojson import NoGeoJson, read_geojson
from lumbung.places.models import Level, MapSheet, Outline, Place
from lumbung.places.tests.squares import feature, square, write
from lumbung.places.tiles import Group, Tile
from lumbung.words import say

pytestmark = pytest.mark.django_db
REAL = (
    Path(os.environ.get("LUMBUNG_SHARED_DATA", "../shared/data")).resolve()
    / "boundaries"
)
ABOUT = About("Uji", "CC0", "2025")


@pytest.fixture
def villages(paninggaran: Place) -> list[Place]:
    """Four villages of Paninggaran; the fourth shares its name with nobody."""
    return [
        make_place(f"33.26.02.200{n}", name, paninggaran)
        for n, name in enumerate(["Winduaji", "Sawangan", "Tenogo", "Kaliboja"], 1)
    ]


def squares(villages: list[Place]) -> list[dict[str, Any]]:
    return [
        feature(square(n), code=village.code, name=village.name)
        for n, village in enumerate(villages)
    ]


def planned(folder: Path, features: list[Any], **options: Any) -> BoundaryPlan:
    return preview(read_geojson(write(folder, features)), **options)


def drawn(plan: BoundaryPlan) -> None:
    entered = boundaries.enter(plan, about=ABOUT, now=timezone.now())
    for sheet in plan.sheets:
        boundaries.put(sheet, boundaries.draw(sheet, plan), plan, entered)


def faults(plan: BoundaryPlan) -> list[tuple[int, str, str]]:
    return [(f.feature, f.what, say(f.message)) for f in plan.faults]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"type": "FeatureCollection", "features": [', "JSON"),
        (b'{"type": "Polygon", "coordinates": []}', "batas.geojson"),
        (b'{"type": "FeatureCollection", "features": []}', "batas.geojson"),
        (b"[" * 100_000, "batas.geojson"),
    ],
)
def test_it_refuses_what_is_no_geojson(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "batas.geojson"
    path.write_bytes(content)

    with pytest.raises(NoGeoJson) as refused:
        read_geojson(path)

    assert said in say(refused.value.message)


def test_it_refuses_a_file_in_metres_by_what_it_says_of_itself(
    villages: list[Place], tmp_path: Path
) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}
    path = write(tmp_path, squares(villages), crs=crs)

    with pytest.raises(NoGeoJson):
        read_geojson(path)


def test_each_feature_at_fault_is_named_by_number_and_property(
    villages: list[Place], paninggaran: Place, tmp_path: Path
) -> None:
    good = squares(villages)
    swapped = {
        "type": "Polygon",
        "coordinates": [[point[::-1] for point in square(0)["coordinates"][0]]],
    }
    metres = {
        "type": "Polygon",
        "coordinates": [[[4e5, 9e6], [5e5, 9e6], [5e5, 8e6], [4e5, 9e6]]],
    }
    bad = [
        feature({"type": "Point", "coordinates": [109, -7]}, code="33.26.02.2001"),
        feature(None, code="33.26.02.2001"),
        feature(swapped, code="33.26.02.2001"),
        feature(metres, code="33.26.02.2001"),
        feature(square(9), code="33.26.02.9999"),
        feature(square(9), code="33.26.02.2002"),
        feature(square(9), code=paninggaran.code),
        feature({"type": "Polygon", "coordinates": [[[109, -7]]]}, code="33"),
    ]

    plan = planned(tmp_path, [*good, *bad])

    assert [(number, what) for number, what, _ in faults(plan)] == [
        (5, "geometry"),
        (6, "geometry"),
        (7, "geometry"),
        (8, "geometry"),
        (9, "code"),
        (10, "code"),
        (11, "code"),
        (12, "geometry"),
    ]
    assert len(plan.found) == 4
    assert "2" in faults(plan)[5][2], "it names the feature that came first"


def test_properties_that_say_nothing_are_no_code(
    villages: list[Place], tmp_path: Path
) -> None:
    odd = feature(square(9), code=["33.26.02.2001"])
    plan = planned(tmp_path, [*squares(villages), odd, odd | {"properties": [1]}])

    assert [doubt.feature for doubt in plan.doubts] == [5, 6]


def test_a_file_of_which_nothing_can_be_used_says_why(
    villages: list[Place], tmp_path: Path
) -> None:
    metres = {"type": "Polygon", "coordinates": [[[4e5, 9e6], [5e5, 9e6], [5e5, 8e6]]]}
    with pytest.raises(NoGeoJson) as refused:
        planned(tmp_path, [feature(metres, code="33.26.02.2001")])

    assert "400000.0, 8000000.0" in say(refused.value.parts[0])
    assert refused.value.mend


def test_a_boundary_far_from_all_others_is_said(
    villages: list[Place], paninggaran: Place, tmp_path: Path
) -> None:
    """Drawn with it, the map of the sub-district would be a speck."""
    make_place("33.26.02.2005", "Lambanggelun", paninggaran)
    far = {"type": "Polygon", "coordinates": [[[10, 50], [11, 50], [11, 51], [10, 50]]]}
    odd = feature(far, code="33.26.02.2005", name="Lambanggelun")
    plan = planned(tmp_path, [*squares(villages), odd])

    assert [(each.feature, each.what) for each in plan.doubts] == [(5, "geometry")]
    assert "10.5, 50.5" in say(plan.doubts[0].message)


def test_a_boundary_that_crosses_itself_is_mended_and_said(
    villages: list[Place], tmp_path: Path
) -> None:
    knot = [[109.5, -7], [109.51, -6.99], [109.51, -7], [109.5, -6.99], [109.5, -7]]
    rows = squares(villages)
    rows[0]["geometry"] = {"type": "Polygon", "coordinates": [knot]}

    plan = planned(tmp_path, rows)

    assert [fault.feature for fault in plan.read.mended] == [1]
    assert plan.found[villages[0].pk].is_valid


def test_a_name_alone_is_shown_and_not_taken(
    villages: list[Place], tmp_path: Path
) -> None:
    rows = squares(villages)
    del rows[3]["properties"]["code"]
    rows[3]["properties"]["name"] = "Desa KALIBOJA"

    plan = planned(tmp_path, rows)

    assert villages[3].pk not in plan.found
    assert [fault.feature for fault in plan.doubts] == [4]
    assert "33.26.02.2004" in say(plan.doubts[0].message)
    decided = planned(tmp_path, rows, decided={4: "33.26.02.2004"})
    assert villages[3].pk in decided.found
    assert decided.doubts == []


def test_a_code_of_another_name_is_in_doubt(
    villages: list[Place], tmp_path: Path
) -> None:
    rows = squares(villages)
    rows[1]["properties"]["name"] = "Botosari"

    plan = planned(tmp_path, rows)

    assert [(fault.feature, fault.what) for fault in plan.doubts] == [(2, "name")]


def test_codes_of_another_list_need_its_name(
    villages: list[Place], tmp_path: Path
) -> None:
    villages[0].codes.create(scheme="bps", code="3326020999")
    rows = squares(villages)
    for n, row in enumerate(rows):
        row["properties"]["code"] = "3326020999" if n == 0 else ""

    with pytest.raises(Refusal):
        planned(tmp_path, rows)

    assert villages[0].pk in planned(tmp_path, rows, scheme="bps").found


def test_overlaps_and_gaps_are_named_with_their_size(
    villages: list[Place], tmp_path: Path
) -> None:
    """A ring of three around a hole of a kilometre, and a fourth on top of one."""
    rows = squares(villages)
    ring = square(0, 0, 0.03)
    ring["coordinates"].append(square(1, 1)["coordinates"][0])
    rows[0]["geometry"] = ring
    rows[1]["geometry"] = square(2.5, 0)
    rows[2]["geometry"] = square(8)
    rows[3]["geometry"] = square(9)

    plan = planned(tmp_path, rows)

    (overlap,), (gap,) = plan.overlaps, plan.gaps
    assert set(overlap.names) == {"Winduaji", "Sawangan"}
    assert overlap.area_m2 == pytest.approx(0.5 * 1_229_000, rel=0.01)
    assert gap.names == ("Winduaji",)
    assert gap.area_m2 == pytest.approx(1_229_000, rel=0.01)


def test_neighbours_keep_their_border(villages: list[Place], tmp_path: Path) -> None:
    """Each was drawn alone in the file, with a sliver between; on the map they meet."""
    rows = squares(villages)
    rows[1]["geometry"] = square(1.002)

    drawn(planned(tmp_path, rows))

    sheet = MapSheet.objects.get(territory__code="33.26.02")
    assert (sheet.width, sheet.height) == (1000, 252)
    first, second = sheet.outlines.order_by("place__code")[:2]
    assert right(first) == left(second)


def left(outline: Outline) -> int:
    return min(x for x, _ in points(outline.drawing))


def right(outline: Outline) -> int:
    return max(x for x, _ in points(outline.drawing))


def points(path: str) -> list[tuple[int, int]]:
    """Walk an SVG path of ours: M is a place, h, v and l are steps from the last."""
    found: list[tuple[int, int]] = []
    for letter, text in re.findall(r"([MhvlzL])([^MhvlzL]*)", path):
        numbers = [int(each) for each in re.findall(r"-?\d+", text)]
        if letter == "M":
            found.append((numbers[0], numbers[1]))
            continue
        if letter == "h":
            steps = [(each, 0) for each in numbers]
        elif letter == "v":
            steps = [(0, each) for each in numbers]
        else:
            steps = list(zip(numbers[::2], numbers[1::2], strict=True))
        for across, down in steps:
            found.append((found[-1][0] + across, found[-1][1] + down))
    return found


def test_drawn_again_it_is_the_same_and_a_newer_file_takes_its_place(
    villages: list[Place], tmp_path: Path
) -> None:
    drawn(planned(tmp_path, squares(villages)))
    before = list(Outline.objects.order_by("place").values_list("place", "drawing"))

    again = planned(tmp_path, squares(villages))
    assert again.is_same
    drawn(again)
    assert before == list(
        Outline.objects.order_by("place").values_list("place", "drawing")
    )

    newer = planned(tmp_path, squares(villages)[:3])
    assert not newer.is_same
    assert [sheet.lost for sheet in newer.sheets] == [1, 1]
    drawn(newer)
    assert Outline.objects.filter(place=villages[3]).count() == 0
    assert MapSheet.objects.count() == 2  # the sub-district's and the district's


def test_too_few_places_draw_no_map(villages: list[Place], tmp_path: Path) -> None:
    plan = planned(tmp_path, squares(villages)[:1])

    assert plan.sheets == []
    assert [(here, total) for _, here, total in plan.scarce] == [(1, 4), (1, 4)]


def test_islands_across_the_date_line_stay_together(tmp_path: Path) -> None:
    country = make_place("FJ", "Fiji")
    east, west = make_place("FJ.01", "A", country), make_place("FJ.02", "B", country)
    rows = [feature(square(0), code="FJ.01"), feature(square(0), code="FJ.02")]
    for row, start in zip(rows, (179.5, -179.9), strict=True):
        ring = row["geometry"]["coordinates"][0]
        row["geometry"]["coordinates"][0] = [[start + x - 109.5, y] for x, y in ring]

    drawn(planned(tmp_path, rows))

    sheet = MapSheet.objects.get()
    assert right(sheet.outlines.get(place=east)) < left(sheet.outlines.get(place=west))
    assert sheet.height > 10, "not a line around the globe"


@pytest.mark.skipif(not REAL.exists(), reason="the shared public data is not here")
@pytest.mark.parametrize(
    ("file", "districts", "territory", "level", "most"),
    [
        ("desa_18.72", ["18.72"], "18.72", Level.VILLAGE, 30_000),
        ("desa_33.26", ["33.26"], "33.26", Level.VILLAGE, 30_000),
        ("desa_14.01", ["14.01"], "14.01", Level.VILLAGE, 30_000),
        ("desa_32.02", ["32.02"], "32.02", Level.VILLAGE, 30_000),
        ("kecamatan_33.26", ["33.26"], "33.26", Level.SUBDISTRICT, 30_000),
        ("kabupaten_kota_simplified", [], "ID", Level.DISTRICT, 60_000),
        ("provinsi_simplified", [], "ID", Level.PROVINCE, 30_000),
    ],
)
def test_real_boundaries_weigh_what_a_phone_can_bear(
    file: str, districts: list[str], territory: str, level: Level, most: int
) -> None:
    """Each place one link with its title; none too small to be found."""
    data = json.loads((REAL / f"{file}.geojson").read_text())
    for code in districts:
        load_district(code)
    if not districts:
        load_upper(row["properties"]["code"] for row in data["features"])

    plan = preview(read_geojson(REAL / f"{file}.geojson"))
    drawn(plan)

    sheet = MapSheet.objects.get(territory__code=territory, level=level)
    rows = sheet.outlines.select_related("place")
    tiles = [
        Tile(
            r.place.name,
            f"/wilayah/{r.place.code}/",
            "red",
            "merah",
            "40",
            place=r.place_id,
        )
        for r in rows
    ]
    drawings = {r.place_id: (r.drawing, r.x, r.y, r.room) for r in rows}
    svg = outlines.draw(sheet, [Group("Semua", tiles)], drawings, "Peta")
    assert plan.faults == []
    assert len(rows) == len(data["features"])
    assert svg.count("<title>") == len(rows)
    assert all(r.drawing.startswith("M") for r in rows)
    assert len(gzip.compress(svg.encode(), 6)) <= most


def load_upper(codes: Any) -> None:
    """Provinces and districts of the file, without what lies in them."""
    country = make_place("ID", "Indonesia")
    provinces: dict[str, Place] = {}
    for code in sorted(codes):
        top = provinces.get(code[:2])
        if top is None:
            top = provinces[code[:2]] = make_place(code[:2], code[:2], country)
        if len(code) > 2:
            make_place(code, code, top)
