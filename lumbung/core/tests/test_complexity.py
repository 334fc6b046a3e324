"""Complexity: refused, by hand, against PyPI `ecomplexity`, and turned around."""

import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lumbung.core.complexity import COMPLEXITY, complexity, compute, grid, present
from lumbung.core.measure import BadInput

NAMES: dict[str, Any] = {"area": "area", "industry": "industry", "value": "value"}


def cells(matrix: Any) -> pa.Table:
    """Return a matrix as rows: areas a0, a1, …; industries i00, i01, …"""
    return pa.Table.from_pylist(
        [
            {"area": f"a{a:02}", "industry": f"i{i:02}", "value": float(value)}
            for a, row in enumerate(matrix)
            for i, value in enumerate(row)
        ]
    )


def test_it_refuses_a_graph_in_two_pieces() -> None:
    with pytest.raises(BadInput, match="pieces"):
        compute(cells([[5, 3, 0, 0], [2, 4, 0, 0], [0, 0, 7, 1]]), **NAMES)


def test_it_refuses_areas_that_all_do_the_same() -> None:
    with pytest.raises(BadInput, match="No single order"):
        complexity(np.ones((4, 3), bool))


def test_it_refuses_to_guess_which_end_is_complex() -> None:
    ring = np.array([[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 1]], bool)
    even = ring[:, :4]  # each area does two: diversity tells nothing
    with pytest.raises(BadInput, match="equally diverse"):
        complexity(even)


def test_it_refuses_one_area_and_nothing_at_all() -> None:
    with pytest.raises(BadInput, match="At least two"):
        compute(cells([[1, 2, 3]]), **NAMES)
    with pytest.raises(BadInput, match="zero"):
        compute(cells([[0, 0], [0, 0]]), **NAMES)


def test_it_leaves_out_and_names_what_has_nothing() -> None:
    matrix = [[4, 3, 2, 0], [6, 3, 0, 0], [0, 0, 0, 0], [5, 0, 0, 0]]
    outcome = compute(cells(matrix), **NAMES)
    assert outcome.tables["areas"]["area"].to_pylist() == ["a00", "a01", "a03"]
    industries = outcome.tables["industries"]["industry"].to_pylist()
    assert industries == ["i00", "i01", "i02"]
    assert [w.values["names"] for w in outcome.warnings] == ["a02", "i03"]


def test_rows_of_one_cell_are_added_and_that_is_said() -> None:
    rows = cells([[4, 3, 2], [6, 3, 0], [5, 0, 0]])
    halves = rows.set_column(2, "value", pa.array(rows["value"].to_numpy() / 2))
    outcome = compute(pa.concat_tables([halves, halves]), **NAMES)
    assert outcome.tables == compute(rows, **NAMES).tables
    assert [w.values["count"] for w in outcome.warnings] == [9]


def test_a_quotient_of_exactly_one_counts_as_present() -> None:
    # Every share is the same, but in floats the product is not: 0.1 × 0.3 …
    even = np.outer([0.1, 0.2], [0.1, 0.3])
    expected = np.outer(even.sum(axis=1), even.sum(axis=0))
    assert not (even * even.sum() >= expected).all()
    assert present(even).all()
    assert not present(np.array([[1.0, 0.0], [1.0, 1.0]]))[1, 0]


def test_the_figures_of_four_nested_areas_by_hand() -> None:
    """Nested areas lie at even steps; the rest follows from the definitions."""
    here = np.tril(np.ones((4, 4), bool))[::-1]
    found = complexity(here)
    assert found.eci == pytest.approx(np.array([3, 1, -1, -3]) / np.sqrt(5))
    # An area's ECI is the mean PCI of its industries.
    assert (here @ found.pci) / found.diversity == pytest.approx(found.eci)
    proximity = [[1, 3 / 4, 1 / 2, 1 / 4], [3 / 4, 1, 2 / 3, 1 / 3]]
    assert found.proximity[:2] == pytest.approx(np.array(proximity))
    assert found.density[2, 2] == pytest.approx((1 / 2 + 2 / 3) / (8 / 3))
    assert found.outlook is not None
    # Means and deviations are what they are said to be.
    assert [found.eci.mean(), found.outlook.mean()] == pytest.approx([0, 0], abs=1e-12)
    assert [found.eci.std(), found.outlook.std()] == pytest.approx([1, 1])


def test_columns_are_those_of_the_help() -> None:
    outcome = compute(
        cells([[4, 3, 2], [6, 3, 0], [5, 0, 0]]), **NAMES, proximity=True, density=True
    )
    named = {name: table.column_names for name, table in outcome.tables.items()}
    assert named == {
        "areas": ["area", "eci", "diversity", "outlook"],
        "industries": ["industry", "pci", "ubiquity"],
        "proximity": ["industry", "other_industry", "proximity"],
        "density": ["area", "industry", "density"],
    }
    assert COMPLEXITY.columns.startswith("areas: area eci diversity outlook")


@pytest.mark.parametrize("shape", [(30, 60), (60, 25), (12, 12)])
@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_ecomplexity(shape: tuple[int, int], seed: int) -> None:
    """Zeros and ties are in the data; all six figures to 1e-9."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = pytest.importorskip("ecomplexity")
    random = np.random.default_rng(seed)
    matrix = random.lognormal(1, 1.5, shape).round() * (random.random(shape) < 0.5)
    rows = cells(matrix)
    frame = rows.append_column("year", pa.array([2020] * len(rows))).to_pandas()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        columns = {"time": "year", "loc": "area", "prod": "industry", "val": "value"}
        theirs = oracle.ecomplexity(
            frame, columns, verbose=False, check_logsupermodularity=False
        )
    theirs = theirs.dropna(subset=["eci", "pci"])
    kept = grid(rows, **NAMES)
    found = complexity(present(kept.values))
    wide = theirs.pivot_table(index="area", columns="industry", values="density")
    assert list(wide.index) == kept.areas
    assert np.abs(found.density - wide.to_numpy()).max() < 1e-9
    by_area = theirs.groupby("area")[["eci", "coi", "diversity"]].first()
    assert np.abs(found.eci - by_area["eci"].to_numpy()).max() < 1e-9
    assert np.abs(found.outlook - by_area["coi"].to_numpy()).max() < 1e-9
    assert (found.diversity == by_area["diversity"].to_numpy()).all()
    by_industry = theirs.groupby("industry")[["pci", "ubiquity"]].first()
    assert np.abs(found.pci - by_industry["pci"].to_numpy()).max() < 1e-9
    assert (found.ubiquity == by_industry["ubiquity"].to_numpy()).all()


def test_both_sides_give_the_same_second_vector() -> None:
    """Found over areas where they are fewer, over industries otherwise."""
    random = np.random.default_rng(5)
    here = random.random((14, 15)) < np.linspace(0.2, 0.8, 14)[:, None]
    here = here[:, here.any(axis=0)]
    wide = complexity(here)
    twice = complexity(np.vstack([here, here]))  # now more areas than industries
    assert twice.eci[:14] == pytest.approx(wide.eci, abs=1e-9)
    assert twice.pci == pytest.approx(wide.pci, abs=1e-9)


@pytest.mark.parametrize("shape", [(120, 700), (130, 130), (90, 60)])
def test_density_is_what_the_definition_says_however_it_is_computed(
    shape: tuple[int, int],
) -> None:
    """By blocks of industries where areas are fewer, straight otherwise."""
    random = np.random.default_rng(7)
    here = random.random(shape) < random.random(shape[1]) ** 2
    here[:, 0] = here[0] = True
    found = complexity(here)
    done, often = here * 1.0, here.sum(axis=0)
    near = done.T @ done / np.maximum.outer(often, often)
    assert found.proximity == pytest.approx(near, abs=1e-14)
    assert found.density == pytest.approx(done @ near / near.sum(axis=0), abs=1e-13)
    form = (done / here.sum(axis=1)[:, None]).T @ done / often[:, None]
    values = np.sort(np.linalg.eigvals(form).real)
    shrunk = form @ found.pci
    mean = shrunk.mean() - values[-2] * found.pci.mean()
    assert shrunk - mean == pytest.approx(values[-2] * found.pci, abs=1e-10)


@pytest.mark.parametrize("half", [3, 60])
def test_a_second_eigenvalue_that_comes_twice_is_refused(half: int) -> None:
    """Three alike regions around one common industry: no order follows."""
    region = np.tril(np.ones((half, half), bool))
    here = np.kron(np.eye(3, dtype=bool), region)
    here = np.column_stack([here, np.ones(3 * half, bool)])
    with pytest.raises(BadInput, match="No single order"):
        complexity(here)


def test_two_areas_that_mirror_each_other_leave_no_order() -> None:
    here = np.array([[1, 1, 1, 1, 1, 1], [0, 1, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]], bool)
    with pytest.raises(BadInput, match="No single order"):
        complexity(here)


@pytest.mark.parametrize("half", [3, 60])
def test_two_pieces_are_refused_at_any_size(half: int) -> None:
    region = np.tril(np.ones((half, half), bool))
    with pytest.raises(BadInput, match="pieces=2"):
        complexity(np.kron(np.eye(2, dtype=bool), region))
    joined = np.kron(np.eye(2, dtype=bool), region)
    joined[0, -1] = True
    complexity(joined)


GRAPHS = hnp.arrays(
    bool,
    st.tuples(st.integers(3, 9), st.integers(3, 9)),
    elements=st.booleans(),
)

# Most small graphs are refused: two pieces, or no single order.
REFUSED = (HealthCheck.filter_too_much, HealthCheck.too_slow)


def found_or_assume(here: Any) -> Any:
    assume(here.any(axis=0).all())
    assume(here.any(axis=1).all())
    try:
        return complexity(here)
    except BadInput:
        assume(False)


@settings(max_examples=60, deadline=None, suppress_health_check=REFUSED)
@given(GRAPHS, st.randoms())
def test_the_order_of_rows_and_columns_does_not_matter(here: Any, random: Any) -> None:
    found = found_or_assume(here)
    rows, columns = list(range(here.shape[0])), list(range(here.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    turned = complexity(here[np.ix_(rows, columns)])
    assert turned.eci == pytest.approx(found.eci[rows], abs=1e-6)
    assert turned.pci == pytest.approx(found.pci[columns], abs=1e-6)


@settings(max_examples=60, deadline=None, suppress_health_check=REFUSED)
@given(GRAPHS)
def test_the_laws_of_the_definition_hold(here: Any) -> None:
    found = found_or_assume(here)
    assert (here @ found.pci) / found.diversity == pytest.approx(found.eci, abs=1e-9)
    assert np.corrcoef(found.eci, found.diversity)[0, 1] > 0
    assert found.density.min() >= 0
    assert found.density.max() <= 1 + 1e-12
    assert np.diag(found.proximity) == pytest.approx(1)
    assert found.proximity == pytest.approx(found.proximity.T)


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(float, (5, 6), elements=st.integers(0, 50).map(float)),
    st.floats(1e-3, 1e6),
)
def test_the_unit_of_the_value_does_not_matter(values: Any, unit: float) -> None:
    assume(values.sum(axis=0).all())
    assume(values.sum(axis=1).all())
    assert (present(values) == present(values * unit)).all()
    assert present(values).any(axis=1).all()
    assert present(values).any(axis=0).all()
