"""How a spreadsheet names its columns and cells."""

import re


def letter(seat: int) -> str:
    """A column as the spreadsheet calls it: 0 → A, 26 → AA.

    >>> letter(0), letter(25), letter(26), letter(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    name = ""
    seat += 1
    while seat:
        seat, rest = divmod(seat - 1, 26)
        name = chr(65 + rest) + name
    return name


def seat(name: str) -> tuple[int, int]:
    """Row, from 1, and column, from 0, of a cell's name.

    >>> seat("B5"), seat("AA12")
    ((5, 1), (12, 26))
    """
    letters, row = re.fullmatch(r"([A-Z]+)(\d+)", name).groups()  # type: ignore[union-attr]
    column = 0
    for each in letters:
        column = column * 26 + ord(each) - 64
    return int(row), column - 1
