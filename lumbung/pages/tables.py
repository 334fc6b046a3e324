"""Tables that sort, filter, page and download exactly what they show.

A view says which columns there are and which rows; the rest is here:

    table = Table(request, rows, COLUMNS, name="cases")
    if table.wanted:
        return table.download()
    return render(request, "…", {"table": table})        {% include "table.html" %}
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from lumbung import words
from lumbung.core.message import Message, Text
from lumbung.pages.downloads import FORMATS, download

PAGE_SIZE = 50
SHORT = "d\u00a0MMM\u00a0y"  # a day that stays on one line


@dataclass(frozen=True)
class Column:
    """One column. `value` gives what is sorted and downloaded; `show` what is seen.

    `sort` is a model field, or '' where rows cannot be sorted by it. `template`
    renders the cell with `row` and `value`; without one the value is said in words.
    `wrap` makes the words a link to where the value comes from: `wrap(row, text)`.
    `wide` columns fold under the first on phones. `number` aligns right.
    """

    key: str
    title: Any  # lazy translation
    value: Callable[[Any], Any]
    sort: str = ""
    url: Callable[[Any], str] | None = None
    template: str = ""
    number: bool = False
    wide: bool = False
    wrap: Callable[[Any, str], SafeString] | None = None

    @cached_property
    def look(self) -> str:
        """Its classes in the style sheet."""
        return " ".join(["num"] * self.number + ["wide"] * self.wide)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in words. `html` is ready to print, unless the column has a template."""

    column: Column
    row: Any
    value: Any
    text: str
    html: SafeString

    @property
    def drawn(self) -> SafeString:
        """The whole cell of a column without a template."""
        look = self.column.look
        return mark_safe(  # noqa: S308  # `html` is escaped, `look` is ours
            f'<td class="{look}">{self.html}</td>' if look else f"<td>{self.html}</td>"
        )

    @property
    def folded(self) -> str | SafeString:
        """Under the head on phones: a day or number alone would say nothing."""
        if self.column.template or not self.value:
            return ""
        text = self.html if self.column.wrap else self.text
        if self.column.number or isinstance(self.value, date):
            return format_html("{}: {}", self.column.title, text)
        return text


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its head cell, the others, and what folds under the head on phones."""

    head: Cell
    cells: list[Cell]
    fold: SafeString


class Table:
    """Rows of a QuerySet (or list) as one request asks for them.

    Reads `urut` (column, with a leading `-` for descending), `hlm` (page number) and
    `unduh` (xlsx or csv) from the query string; wrong values fall back to the first.
    Of rows without end, `most` can be leafed through; a download has all.
    """

    def __init__(
        self,
        request: HttpRequest,
        rows: "QuerySet[Any] | Sequence[Any]",
        columns: Sequence[Column],
        *,
        name: str,
        page_size: int = PAGE_SIZE,
        example: bool = False,
        most: int = 0,
    ) -> None:
        self.columns = columns
        self.most = most
        self.name = name
        self.page_size = page_size
        self.example = example
        self.parameters = request.GET
        self.sorting = self.parameters.get("urut", "")
        self.rows = self.sorted(rows)
        self.wanted = self.parameters.get("unduh", "")
        if self.wanted not in FORMATS:
            self.wanted = ""

    def sorted(self, rows: "QuerySet[Any] | Sequence[Any]") -> Any:
        column = self.sorted_column
        if not column or not isinstance(rows, QuerySet):
            return rows
        field = F(column.sort)
        order = (
            field.desc(nulls_last=True)
            if self.sorting.startswith("-")
            else field.asc(nulls_last=True)
        )
        return rows.order_by(order, "pk")

    @cached_property
    def sorted_column(self) -> Column | None:
        key = self.sorting.removeprefix("-")
        return next((c for c in self.columns if c.sort and c.key == key), None)

    @cached_property
    def page(self) -> "Page[Any]":
        pages = Paginator(self.rows, self.page_size)
        if self.most:
            pages.count = min(self.found, self.most)
        return pages.get_page(self.parameters.get("hlm"))

    @cached_property
    def found(self) -> int:
        """How many rows there are where there is a `most`: it and one at most."""
        count: int = self.rows.order_by()[: self.most + 1].count()
        return count

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than can be leafed through."""
        return bool(self.most) and self.found > self.most

    def heads(self) -> Iterator[dict[str, Any]]:
        """Titles with the address that sorts by them and how they sort now."""
        for column in self.columns:
            here = column is self.sorted_column
            down = self.sorting.startswith("-")
            key = f"-{column.key}" if here and not down else column.key
            aria = ("descending" if down else "ascending") if here else ""
            yield {"column": column, "key": key, "aria": aria}

    def body(self) -> Iterator[Line]:
        for row in self.page:
            head, *others = (self.cell(column, row) for column in self.columns)
            folded = (c.folded for c in others if c.column.wide)
            yield Line(head, others, joined([each for each in folded if each]))

    def cell(self, column: Column, row: Any) -> Cell:
        """Built here and not by an included template: a table has 500 of them."""
        value = column.value(row)
        is_day = isinstance(value, date) and not isinstance(value, datetime)
        text = words.day(value, SHORT) if is_day else words.say(value)
        html = conditional_escape(text)
        if column.url:
            html = format_html('<a href="{}">{}</a>', column.url(row), text)
        elif column.wrap and value is not None and value != "":
            html = column.wrap(row, text)
        return Cell(column, row, value, text, html)

    def download(self) -> HttpResponseBase:
        """All rows in the order shown, with typed values, as the file asked for."""
        rows = self.rows
        if isinstance(rows, QuerySet):
            rows = rows.iterator(chunk_size=1000)
        header = [str(column.title) for column in self.columns]
        marked = self.example
        return download(
            self.wanted,
            name=self.name,
            header=[*header, words.say(EXAMPLE)] if marked else header,
            rows=(
                [*(plain(c.value(row)) for c in self.columns), *(["✓"] * marked)]
                for row in rows
            ),
        )


def joined(parts: list[str]) -> SafeString:
    """Parts with a dot between them; most rows of most tables fold nothing."""
    if not parts:
        return SafeString("")
    return format_html_join(" · ", "{}", ((part,) for part in parts))


EXAMPLE = Message("Example, not real")


def plain(value: Any) -> Any:
    """What a spreadsheet takes as it is stays; a message or text becomes words."""
    if isinstance(value, Message | Text):
        return words.say(value)
    return value
