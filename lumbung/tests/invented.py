"""Invented tables, alike on every run, large enough to meet an engine's habits."""

from typing import Any

import duckdb
import pyarrow as pa


def rows(query: str, params: dict[str, Any]) -> pa.Table:
    found = duckdb.sql(query, params=params)
    assert found is not None
    return found.to_arrow_table()


def economy(cells: int) -> pa.Table:
    """Return about `cells` rows of area, industry, year, value, mark; some hidden.

    Every area has a row `all`, above the sum of what is listed.
    """
    return rows(
        """
        with cells as (
            select
                'A' || lpad((i % 400)::text, 3, '0') as area,
                'I' || lpad((i // 400 % 50)::text, 2, '0') as industry,
                2015 + i // 20000 as year,
                hash(i) % 1000 * (hash(i + 7) % 3 > 0)::int as value,
                if(hash(i + 3) % 50 = 0, 'N', null) as mark
            from (select range as i from range($cells))
        )
        select * from cells
        union all
        select area, 'all', year, sum(value) + 10, null from cells group by all
        order by year, area, industry
        """,
        params={"cells": cells},
    )


def loans(count: int) -> pa.Table:
    """Return loans of groups of seven in three sub-districts; one in five is late."""
    return rows(
        """
        select
            i as loan,
            'G' || (i // 7) as "group",
            'K' || (i // 7 % 3) as kecamatan,
            date '2024-06-01' + (i % 150)::int as disbursed_on,
            1000000 + i % 5 * 500000 as principal,
            i * 7919 % 1000000 as balance,
            if(late, least(balance, 50000), 0) as overdue_principal,
            if(late, date '2025-12-14' - (i % 400)::int, null) as overdue_since,
            i % 97 = 0 as restructured
        from (select range as i, range * 31 % 5 = 0 as late from range($count))
        """,
        params={"count": count},
    )
