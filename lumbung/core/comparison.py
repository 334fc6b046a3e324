"""Pairwise comparison after Saaty: weights from judgements, and how they agree."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lumbung.core import specified
from lumbung.core.message import Message
from lumbung.core.specified import exact

# Mean consistency index of random matrices of 1 to 15, Saaty (1980).
RANDOM_INDEX = (
    *(0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    *(1.51, 1.48, 1.56, 1.57, 1.59),
)
ACCEPTABLE = 0.10
bad = partial(specified.bad, field="criteria")


class Weighing(NamedTuple):
    """Weights that sum to 1, and the consistency ratio of what they come from."""

    weights: tuple[float, ...]
    ratio: float


def weigh(matrix: Sequence[Sequence[Fraction | float]]) -> Weighing:
    """Return the principal eigenvector of a comparison matrix, and its consistency.

    Entry (i, j) says how many times i matters as much as j. The ratio is
    ((λ - n) / (n - 1)) / random index of n; 0 for one or two things.

    Twice as much, twice as much again: 4 : 2 : 1, and no contradiction.

    >>> found = weigh([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    >>> [round(weight, 6) for weight in found.weights], round(found.ratio, 6)
    ([0.571429, 0.285714, 0.142857], 0.0)
    """
    values = np.array([[float(entry) for entry in row] for row in matrix])
    roots, vectors = np.linalg.eig(values)
    first = int(np.argmax(roots.real))
    vector = np.abs(vectors[:, first].real)
    size = len(values)
    random = RANDOM_INDEX[size - 1]
    index = (float(roots[first].real) - size) / max(1, size - 1)
    ratio = max(0.0, index) / random if random else 0.0
    return Weighing(tuple((vector / vector.sum()).tolist()), ratio)


def together(judges: Sequence[Sequence[Sequence[Fraction]]]) -> npt.NDArray[np.float64]:
    """Return the geometric mean of several judges' matrices, entry by entry.

    >>> together([[[1, 4], [Fraction(1, 4), 1]], [[1, 1], [1, 1]]]).tolist()
    [[1.0, 2.0], [0.5, 1.0]]
    """
    values = np.array([[[float(e) for e in row] for row in one] for one in judges])
    means: npt.NDArray[np.float64] = np.exp(np.log(values).mean(axis=0))
    return means


def read_matrix(given: Any, names: Sequence[str], where: str) -> list[list[Fraction]]:
    """Read the comparisons of one judge, exactly; refuse what contradicts itself.

    Either a square list of rows, or pairs such as `{"market / people": 3}`, each
    pair once.
    """
    if isinstance(given, Mapping):
        return matrix_of_pairs(given, names, where)
    size = len(names)
    if (
        not isinstance(given, list)
        or len(given) != size
        or any(not isinstance(row, list) or len(row) != size for row in given)
    ):
        raise bad(
            where, Message("A matrix of %(size)s by %(size)s is needed.", size=size)
        )
    matrix = [[positive(entry, where) for entry in row] for row in given]
    for i in range(size):
        for j in range(i + 1):
            if matrix[i][j] * matrix[j][i] != 1:
                raise bad(
                    where,
                    Message(
                        "%(one)s against %(other)s contradicts the other way round:"
                        " %(there)s and %(back)s.",
                        one=names[i],
                        other=names[j],
                        there=str(matrix[i][j]),
                        back=str(matrix[j][i]),
                    ),
                )
    return matrix


def matrix_of_pairs(
    given: Mapping[str, Any], names: Sequence[str], where: str
) -> list[list[Fraction]]:
    place = {name: i for i, name in enumerate(names)}
    matrix = [[Fraction(i == j) for j in place.values()] for i in place.values()]
    for pair, entry in given.items():
        one, _, other = (part.strip() for part in str(pair).partition("/"))
        if one not in place or other not in place or one == other:
            raise bad(
                where,
                Message(
                    "%(pair)s is no pair of: %(names)s.",
                    pair=str(pair),
                    names=", ".join(names),
                ),
            )
        i, j = place[one], place[other]
        if matrix[i][j]:
            raise bad(where, Message("%(pair)s is compared twice.", pair=str(pair)))
        matrix[i][j] = positive(entry, where)
        matrix[j][i] = 1 / matrix[i][j]
    for one, i in place.items():
        for other, j in place.items():
            if not matrix[i][j]:
                raise bad(
                    where,
                    Message(
                        "%(one)s is not compared with %(other)s.", one=one, other=other
                    ),
                )
    return matrix


def positive(entry: Any, where: str) -> Fraction:
    try:
        found = exact(str(entry))
    except ValueError:
        found = Fraction(0)
    if found <= 0:
        raise bad(
            where,
            Message("%(text)s is no comparison: write 3 or 1/3.", text=str(entry)),
        )
    return found


def refuse_size(size: int, where: str) -> None:
    if size > len(RANDOM_INDEX):
        raise bad(
            where,
            Message("At most %(most)s things can be compared.", most=len(RANDOM_INDEX)),
        )
