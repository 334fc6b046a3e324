"""Tables on a phone: what folds under the first column still says what it is."""

from datetime import date

from django.test import RequestFactory

from lumbung.pages.tables import Column, Table

COLUMNS = [
    Column("name", "Village", lambda row: row["name"]),
    Column("in", "In", lambda row: row["in"], wide=True),
    Column("cases", "Cases", lambda row: row["cases"], number=True, wide=True),
    Column("since", "Since", lambda row: row["since"], wide=True),
    Column("class", "Class", lambda row: "red", template="class.html", wide=True),
]


def folded(**row: object) -> str:
    request = RequestFactory().get("/")
    return next(Table(request, [row], COLUMNS, name="villages").body()).fold


def test_a_day_or_number_folds_with_its_title() -> None:
    row = {"name": "Botosari", "in": "Paninggaran", "cases": 2}
    assert (
        folded(**row, since=date(2018, 10, 15))
        == "Paninggaran · Cases: 2 · Since: 15\u00a0Okt\u00a02018"
    )


def test_nothing_and_none_fold_away() -> None:
    assert folded(**{"name": "Botosari", "in": "", "cases": 0, "since": None}) == ""
