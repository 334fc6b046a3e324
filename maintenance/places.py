"""Turn one release of `idn-area-data` into the edition file that Lumbung ships.

    npm pack idn-area-data@4.0.1
    python -m maintenance.places idn-area-data-4.0.1.tgz \\
        --decree "Kepmendagri 300.2.2-2138 Tahun 2025" --valid-from 2025-04-25

The same package gives the same file, byte for byte. `lumbung/places/editions.py`
says what stands in it, `lumbung/places/data/README.md` what is shipped.
"""

import argparse
import csv
import io
import json
import lzma
import tarfile
from datetime import date
from pathlib import Path

DATA = Path(__file__).parent.parent / "lumbung/places/data"
TABLES = ("provinces", "regencies", "districts", "villages")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("tarball", type=Path)
    asked.add_argument("--decree", required=True)
    asked.add_argument("--valid-from", required=True, type=date.fromisoformat)
    wanted = asked.parse_args()
    with tarfile.open(wanted.tarball) as package:
        number = json.loads(text(package, "package.json"))["version"]
        tables = [list(rows(package, table)) for table in TABLES]
        (DATA / "LICENSE-ODbL.md").write_text(text(package, "data/LICENSE.md"))
    about = {
        "number": number,
        "decree": wanted.decree,
        "valid from": wanted.valid_from.isoformat(),
        "source": f"npm idn-area-data {number}",
        "licence": "ODbL-1.0",
    }
    target = DATA / f"{number}.csv.xz"
    target.write_bytes(packed(about, [row for table in tables for row in table]))
    counts = ", ".join(f"{len(t):,} {n}" for t, n in zip(tables, TABLES, strict=True))
    print(f"{target}: {counts}; {target.stat().st_size:,} bytes")


def text(package: tarfile.TarFile, name: str) -> str:
    file = package.extractfile(f"package/{name}")
    assert file, f"the package has no {name}"
    return file.read().decode()


def rows(package: tarfile.TarFile, table: str) -> list[tuple[str, str]]:
    """Code and name of each row, by code; spaces within names made single."""
    read = csv.DictReader(io.StringIO(text(package, f"data/{table}.csv")))
    return sorted((row["code"], " ".join(row["name"].split())) for row in read)


def packed(about: dict[str, str], places: list[tuple[str, str]]) -> bytes:
    out = io.StringIO()
    out.writelines(f"# {what}: {value}\n" for what, value in about.items())
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", "name"])
    writer.writerows(places)
    return lzma.compress(out.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    main()
