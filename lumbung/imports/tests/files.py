"""Tables for the tests, and the short way through the import pages."""

import io
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from lumbung.imports.models import Import, ImportFault

PARAMETERS = {
    "place": "33.26",
    "indicator": "decile_1_4_share",
    "period": "2019",
    "source_title": "BDT 2019",
    "codes": "kemendagri",
}


def xlsx(*rows: Sequence[Any], name: str = "desil.xlsx") -> SimpleUploadedFile:
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet.title = "Data"
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def text(content: str | bytes, name: str = "desil.csv") -> SimpleUploadedFile:
    data = content if isinstance(content, bytes) else content.encode()
    return SimpleUploadedFile(name, data)


def bring(
    client: Client,
    file: SimpleUploadedFile,
    kind: str = "observations",
    **changes: str,
) -> Import:
    """Upload by the page, and return the import that came of it."""
    address = reverse("imports:upload", args=[kind])
    response = client.post(address, PARAMETERS | changes | {"upload": file})
    assert response.status_code == 302, response.content.decode()
    return Import.objects.latest("pk")


def decide(client: Client, of: Import, choice: str, **more: Any) -> int:
    address = reverse("imports:review", args=[of.uid])
    return client.post(address, {"choice": choice} | more).status_code


def faulty_cells(of: Import) -> list[tuple[int, int]]:
    rows = ImportFault.objects.filter(of=of).order_by("row", "column")
    return list(rows.values_list("row", "column"))
