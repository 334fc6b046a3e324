"""Made-up requests against the schema that we publish: none may break the server."""

import os
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lumbung.api
from lumbung.accounts.models import User
from lumbung.measures.figures.figure import address, certify
from lumbung.measures.models import Question
from lumbung.measures.questions import actions
from lumbung.programmes.models import Case
from lumbung.programmes.tests.papers import paper
from lumbung.tests.calls import ROOT, Caller

EXAMPLES = int(os.environ.get("LUMBUNG_EXAMPLES", "12"))
SCHEMA = lumbung.api.api.get_openapi_schema()
PARTS = SCHEMA["components"]["schemas"]
OPERATIONS = [
    (method, path)
    for path, methods in SCHEMA["paths"].items()
    for method in methods
    if not path.endswith("/evidence") or method == "get"
]
WORDS = ("photo", "meeting", "poor", "berkas?program=lab", "stands")
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["\x00", "\ud800", "33.26.02.2008", "9" * 400, "%", "'", "lab"]),
)
NUMBERS = st.one_of(st.integers(-3, 3), st.sampled_from([2**31, 2**63, -(2**70)]))
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.floats(allow_nan=False)),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)
    ),
    max_leaves=4,
)


def fitting(schema: dict[str, Any], known: list[str]) -> st.SearchStrategy[Any]:
    """Values that fit a schema, more or less: what the door lets in."""
    if "$ref" in schema:
        return fitting(PARTS[schema["$ref"].rsplit("/", 1)[-1]], known)
    if "anyOf" in schema:
        return st.one_of([fitting(each, known) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "string":
            return text_fitting(schema.get("format", ""), known)
        case "integer":
            return NUMBERS
        case "array":
            return st.lists(fitting(schema["items"], known), max_size=2)
        case "object":
            fields = schema.get("properties", {})
            return st.fixed_dictionaries(
                {}, optional={name: fitting(f, known) for name, f in fields.items()}
            )
    return ANYTHING


def text_fitting(form: str, known: list[str]) -> st.SearchStrategy[str]:
    match form:
        case "uuid":
            return st.one_of(st.sampled_from(known), st.uuids().map(str))
        case "date":
            return st.dates(max_value=date(2030, 1, 1)).map(str)
        case "date-time":
            return st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
    return st.one_of(TEXTS, st.sampled_from([*known, *WORDS]))


def question_of(ratna: User) -> Question:
    """One that waits for Ratna herself: nobody else is there."""
    figure = certify(address("berkas", {"program": "lab"}), ratna, date(2020, 1, 1))
    assert figure is not None
    return actions.ask_question(
        figure=figure,
        text="Kurang satu berkas.",
        by=ratna,
        now=timezone.now(),
        on=timezone.localdate(),
    )


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.django_db
def test_no_request_breaks_it(
    method: str, path: str, case: Case, ratna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lumbung.api, "REQUESTS_A_MINUTE", 10**9)
    cache.clear()
    caller = Caller(ratna)
    kept = paper(case.places.get().place, ratna)
    known = [str(case.uid), str(kept.uid), str(ratna.uid)]
    uid = question_of(ratna).uid if "/questions" in path else case.uid
    operation = SCHEMA["paths"][path][method]
    content = operation.get("requestBody", {}).get("content", {})
    body: dict[str, Any] = next((part["schema"] for part in content.values()), {})
    queries = {
        p["name"]: fitting(p["schema"], known)
        for p in operation["parameters"]
        if p["in"] == "query"
    }

    @given(
        body=st.one_of(fitting(body, known), ANYTHING),
        query=st.fixed_dictionaries({}, optional=queries),
        code=st.one_of(st.sampled_from(["lab", "33.26.02.2008"]), TEXTS),
    )
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def ask(body: Any, query: dict[str, Any], code: str) -> None:
        named = code.encode(errors="replace").decode()
        address = (
            path.removeprefix(ROOT)
            .replace("{uid}", str(uid))
            .replace("{paper}", str(kept.uid))
            .replace("{code}", quote(named, safe="") or "x")
            .replace("{kind}", "berkas")
        )
        if method == "get":
            plain = {k: str(v).replace("\ud800", "?") for k, v in query.items()}
            response = caller.get(address, **plain)
        else:
            response = caller.post(address, body)
        assert response.status_code < 500, response.content

    ask()
