"""A pack small enough to hold in one's head: three steps, each with its own rule.

The real packs have their own tests and change with their sources; what the verbs
promise does not.
"""

from typing import Any

from django.utils import timezone

from lumbung.programmes.models import PackVersion, Programme

ITEM = {"source": ["own"], "status": "example"}


def both(id: str, en: str) -> dict[str, str]:
    return {"id": id, "en": en}


def step(id: str, name: dict[str, str], **more: Any) -> dict[str, Any]:
    words = {"purpose": both("Tujuan", "Purpose"), "decides": both("TKPK", "Team")}
    return ITEM | words | {"id": id, "name": name} | more


def fact(id: str, type: str, **more: Any) -> dict[str, Any]:
    return ITEM | {"id": id, "name": both(id, id), "type": type} | more


STEPS = [
    step(
        "candidate",
        both("Calon lokus", "Candidate"),
        expected_days=30,
        evidence=[{"id": "photo", "name": both("Foto", "Photo"), "at_least": 1}],
        gate={"fact": "evidence:photo", "at_least": 1},
    ),
    step(
        "meeting",
        both("Rapat", "Meeting"),
        expected_days=45,
        evidence=[
            {"id": "minutes", "name": both("Berita acara", "Minutes"), "at_least": 2}
        ],
        declares=["poor", "colour"],
        quorum={"more_than": "1/2"},
        returns=["candidate"],
        gate={
            "all_of": [
                {"fact": "evidence:minutes", "at_least": 2},
                {"fact": "decision:approved", "equals": "yes"},
                {"fact": "decision:quorum", "equals": "yes"},
                {"fact": "decision:women_share", "at_least": "30 %"},
                {"fact": "decision:sectors", "at_least": 2},
                {"fact": "declared:poor", "below": "40 %"},
            ]
        },
    ),
    step(
        "result",
        both("Penetapan hasil", "Result"),
        movers=["district_officer"],
        returns=["meeting"],
        gate={"fact": "days:in_step", "at_least": 7},
    ),
]
CONTENT: dict[str, Any] = {
    "code": "lab",
    "version": "1.0",
    "name": both("Laboratorium", "Laboratory"),
    "status": "example",
    "valid_from": "2017-01-01",
    "sources": [{"id": "own", "title": "Our own", "kind": "own"}],
    "roles": [
        ITEM
        | {
            "id": "district_officer",
            "name": both("Petugas Bappeda", "District officer"),
            "rank": 30,
            "levels": [2],
            "abilities": ["case.move"],
        }
    ],
    "exclusive_roles": [],
    "sectors": [
        ITEM | {"id": "government", "name": both("Pemerintah", "Government")},
        ITEM | {"id": "community", "name": both("Masyarakat", "Community")},
        ITEM | {"id": "business", "name": both("Dunia usaha", "Business")},
    ],
    "funding_sources": [],
    "facts": [
        fact("poor", "share"),
        fact("families", "count"),
        fact("weight", "number"),
        fact(
            "colour",
            "choice",
            choices=[
                {"id": "red", "name": both("Merah", "Red")},
                {"id": "green", "name": both("Hijau", "Green")},
            ],
        ),
        fact("budget", "rupiah", unit=both("per tahun", "a year")),
        fact("agreed", "yesno"),
        fact("signed_on", "date"),
    ],
    "indicators": [],
    "class_schemes": [],
    "templates": [
        ITEM
        | {
            "id": "village",
            "name": both("Desa", "Village"),
            "subject": both("desa", "village"),
            "prefix": "LK",
            "programme": "lab",
            "steps": STEPS,
            "outcomes": [
                {"id": "graduated", "name": both("Lulus", "Graduated")},
                {"id": "continued", "name": both("Lanjut", "Continued")},
            ],
        }
    ],
    "programmes": [
        ITEM
        | {
            "id": "lab",
            "name": both("Laboratorium Kemiskinan", "Poverty laboratory"),
            "summary": both("Desa merah", "Red villages"),
            "templates": ["village"],
        }
    ],
    "glossary": [],
}


def load(content: dict[str, Any] = CONTENT, sha256: str = "0" * 64) -> Programme:
    """Put a pack in force as if it had been checked, and return its programme."""
    version = PackVersion.objects.create(
        code=content["code"],
        version=content["version"],
        sha256=sha256,
        content=content,
        loaded_at=timezone.now(),
    )
    programme, _ = Programme.objects.update_or_create(
        code=content["code"], defaults={"pack": version}
    )
    return programme


CANDIDATE, MEETING, RESULT = STEPS
NEWER_STEPS = [
    CANDIDATE
    | {
        "name": both("Calon desa", "Candidate village"),
        "expected_days": 20,
        "evidence": [{"id": "photo", "name": both("Foto", "Photo"), "at_least": 2}],
        "gate": {"fact": "evidence:photo", "at_least": 2},
    },
    step(
        "survey",
        both("Survei", "Survey"),
        expected_days=10,
        evidence=[{"id": "form", "name": both("Formulir", "Form"), "at_least": 1}],
        gate={"fact": "evidence:form", "at_least": 1},
    ),
    RESULT | {"returns": []},
]


def newer(
    steps: list[dict[str, Any]] | None = None, version: str = "1.1", **more: Any
) -> PackVersion:
    """The same pack later: a step renamed with its gate raised, one new, one dropped."""
    [template] = CONTENT["templates"]
    templates = [template | {"steps": NEWER_STEPS if steps is None else steps}]
    return PackVersion.objects.create(
        code="lab",
        version=version,
        sha256="1" * 64,
        content=CONTENT | {"version": version, "templates": templates} | more,
        loaded_at=timezone.now(),
    )
