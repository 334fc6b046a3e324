"""What a gate says, as people read it."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from lumbung.core.gates import Known, Unknown, evaluate, parse
from lumbung.core.message import Message, Rupiah, Share, Text
from lumbung.words import say

WOMEN = Text("Peserta perempuan", "Women present")
SENTENCES: list[tuple[dict[str, Any], Known | Unknown, str, str]] = [
    (
        {"at_least": "30 %"},
        Known(Share(8, 31), whole=31),
        "Peserta perempuan: kurang 2. Tercatat 8 dari 31 (25,8 %), perlu paling"
        " sedikit 30 %.",
        "Women present: 2 short. 8 of 31 (25.8 %), at least 30 % is needed.",
    ),
    (
        {"at_least": "30 %"},
        Known(Share(10, 31), whole=31),
        "Peserta perempuan: 10 dari 31 (32,3 %), cukup (paling sedikit 30 %).",
        "Women present: 10 of 31 (32.3 %), enough (at least 30 %).",
    ),
    (
        {"at_least": 30},
        Known(8),
        "Peserta perempuan: kurang 22. Tercatat 8, perlu paling sedikit 30.",
        "Women present: 22 short. So far 8, at least 30 is needed.",
    ),
    (
        {"at_least": 1},
        Known(0),
        "Peserta perempuan: belum ada.",
        "Women present: none yet.",
    ),
    (
        {"at_least": 5_000_000},
        Known(Rupiah(4_250_000)),
        "Peserta perempuan: kurang Rp 750.000. Tercatat Rp 4.250.000, perlu paling"
        " sedikit Rp 5.000.000.",
        "Women present: Rp 750,000 short. So far Rp 4,250,000, at least Rp 5,000,000"
        " is needed.",
    ),
    (
        {"at_most": 0},
        Known(3),
        "Peserta perempuan: lebih 3. Tercatat 3, boleh paling banyak 0.",
        "Women present: 3 too much. It is 3, at most 0 is allowed.",
    ),
    (
        {"below": "40 %"},
        Known(Share("0.39997")),
        "Peserta perempuan: 39,9 %, di bawah 40 %.",
        "Women present: 39.9 %, below 40 %.",
    ),
    (
        {"below": "40 %"},
        Known(Share("0.4")),
        "Peserta perempuan: 40 %, harus di bawah 40 %.",
        "Women present: 40 %, but it must be below 40 %.",
    ),
    (
        {"equals": "yes"},
        Known("no"),
        "Peserta perempuan: belum.",
        "Women present: not yet.",
    ),
    (
        {"before": "2020-01-01"},
        Known(date(2020, 2, 14)),
        "Peserta perempuan: 14 Februari 2020, seharusnya sebelum 1 Januari 2020.",
        "Women present: 14 February 2020, but it must be before 1 January 2020.",
    ),
    (
        {"at_least": 5},
        Unknown(Message("Nobody has declared this yet.")),
        "Peserta perempuan: belum diketahui. Belum ada yang menyatakannya.",
        "Women present: not known. Nobody has declared this yet.",
    ),
]


@pytest.mark.parametrize(("asked", "found", "indonesian", "english"), SENTENCES)
def test_a_line_says_the_shortfall_in_both_languages(
    asked: dict[str, Any], found: Known | Unknown, indonesian: str, english: str
) -> None:
    name = {"id": WOMEN.id, "en": WOMEN.en}
    gate = parse({"fact": "x", "name": name, **asked})
    [line] = evaluate(gate, lambda _: found).lines
    with override("id"):
        assert say(line.sentence).replace("\N{NO-BREAK SPACE}", " ") == indonesian
    with override("en"):
        assert say(line.sentence).replace("\N{NO-BREAK SPACE}", " ") == english
