"""What packs bring to measures: indicators, class schemes and rules for them."""

from typing import Any

from lumbung.measures.models import ClassRule, ClassScheme, Indicator
from lumbung.programmes.models import PackVersion
from lumbung.programmes.packs.actions import LOADED


def take_over(version: PackVersion) -> None:
    """Write the indicators, schemes and rules that a pack brings or changes itself."""
    own = version.content["own"]
    for item in version.content["indicators"]:
        if item["id"] in own["indicators"]:
            write_indicator(version, item)
    for item in version.content["class_schemes"]:
        if item["id"] in own["class_schemes"]:
            write_scheme(version, item)
    for item in version.content.get("classifications", ()):
        if item["id"] in own.get("classifications", ()):
            write_rule(version, item)


def write_indicator(version: PackVersion, item: dict[str, Any]) -> None:
    Indicator.objects.update_or_create(
        code=item["id"],
        defaults={
            "pack": version,
            "name_id": item["name"]["id"],
            "name_en": item["name"]["en"],
            "definition_id": item["definition"]["id"],
            "definition_en": item["definition"]["en"],
            "unit": item["unit"],
            "counts": item["counts"],
            "known_as": item.get("known_as", []),
        },
    )


def write_scheme(version: PackVersion, item: dict[str, Any]) -> None:
    indicator = item.get("indicator")
    ClassScheme.objects.update_or_create(
        code=item["id"],
        defaults={
            "pack": version,
            "name_id": item["name"]["id"],
            "name_en": item["name"]["en"],
            "indicator": Indicator.objects.get(code=indicator) if indicator else None,
            "classes": item["classes"],
        },
    )


def write_rule(version: PackVersion, item: dict[str, Any]) -> None:
    ClassRule.objects.update_or_create(
        code=item["id"],
        defaults={
            "pack": version,
            "name_id": item["name"]["id"],
            "name_en": item["name"]["en"],
            "scheme": ClassScheme.objects.get(code=item["scheme"]),
            "content": item,
        },
    )


LOADED.append(take_over)
