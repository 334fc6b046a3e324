"""One pack that extends another: items replaced or added by their id."""

from collections.abc import Mapping
from typing import Any

# The lists whose elements are items themselves, so that a district can change one
# step's days without writing the other eight again.
INNER = frozenset({"steps", "evidence", "outcomes", "choices", "edges"})
Items = list[Any]  # mappings with an id, or whatever a faulty file holds


def merged(base: Items, own: Items) -> Items:
    """`base` with each item of `own` laid over the one of its id, or added.

    `drop: true` takes an item out; `after: ID` says behind which a new one stands.

    >>> merged([{"id": "a", "n": 1}, {"id": "b"}], [{"id": "a", "n": 2}, {"id": "c"}])
    [{'id': 'a', 'n': 2}, {'id': 'b'}, {'id': 'c'}]
    """
    result = list(base)
    for item in own:
        if not isinstance(item, dict):
            result.append(item)  # the check of shapes says what is wrong with it
            continue
        ids = [each.get("id") for each in result if isinstance(each, dict)]
        where = ids.index(item["id"]) if item.get("id") in ids else None
        new = {
            key: value for key, value in item.items() if key not in {"after", "drop"}
        }
        if item.get("drop") is True and where is not None:
            del result[where]
        elif where is not None:
            result[where] = overlaid(result[where], new)
        else:
            behind = item.get("after")
            at = ids.index(behind) + 1 if behind in ids else len(result)
            result.insert(at, new)
    return result


def overlaid(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """One item over another, key by key; only lists of items are merged further."""
    result = dict(base)
    for key, value in own.items():
        if key in INNER and isinstance(value, list) and isinstance(base.get(key), list):
            result[key] = merged(base[key], value)
        else:
            result[key] = value
    return result
