"""Sealing the lines of a trail: what is digested, and how batches hang together.

A line becomes a leaf: its uid, its row number and a digest of its content. A batch is
a text that anybody can digest again with `sha256sum`: a head of five lines, then one
line for each leaf. Its `before` is the digest of the batch before.

The content is written the same way from every database: keys sorted, moments in UTC
with microseconds, whole numbers without a decimal point. Values of `before` and
`after` go in as salted commitments, so that one of them can be erased later without
breaking the chain (`docs/decisions/0014-audit-sealed.md`).
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

# Written into each batch. A new way to digest gets a new number and keeps the old.
VERSION = 1
ERASED = "erased"
Values = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sealed line: which row, under which number, with which content."""

    uid: UUID
    row: int
    digest: str

    def __str__(self) -> str:
        return f"{self.uid.hex} {self.row} {self.digest}"


def leaf_of(line: str) -> Leaf:
    """
    >>> leaf_of("0190a0b0c0d07000800000000000000a 7 ab").row
    7
    """
    uid, row, digest = line.split(" ")
    return Leaf(UUID(hex=uid), int(row), digest)


def batch_digest(
    *, number: int, before: str, sealed_at: datetime, leaves: Iterable[str]
) -> str:
    """Return the SHA-256 of one batch as text; `before` is '' for the first."""
    lines = list(leaves)
    head = [
        f"lumbung seal {VERSION}",
        f"number {number}",
        f"before {before}",
        f"sealed {moment(sealed_at)}",
        f"lines {len(lines)}",
    ]
    return hashlib.sha256("\n".join([*head, *lines, ""]).encode()).hexdigest()


def content_digest(
    fixed: Mapping[str, Any], *, before: Values, after: Values, salt: str
) -> str:
    """Return the SHA-256 of one line's content; `salt` as `new_salt` or `erase` made it.

    >>> one = content_digest({"verb": "x"}, before=None, after={"n": 1.0}, salt="00")
    >>> one == content_digest({"verb": "x"}, before=None, after={"n": 1}, salt="00")
    True
    """
    body = dict(fixed) | {
        "before": commitments("before", before, salt),
        "after": commitments("after", after, salt),
    }
    return hashlib.sha256(canonical(body)).hexdigest()


def commitments(side: str, values: Values, salt: str) -> dict[str, str] | None:
    if values is None:
        return None
    return {
        key: erased_commitment(value) or commitment(value, salt_of(salt, side, key))
        for key, value in values.items()
    }


def commitment(value: Any, salt: bytes) -> str:
    return hmac.digest(salt, canonical(value), "sha256").hex()


def erased_commitment(value: Any) -> str:
    """What stands for an erased value; '' for one that is there."""
    match value:
        case {"erased": str(kept), **others} if not others:
            return kept
    return ""


def salt_of(salt: str, side: str, key: str) -> bytes:
    """The salt of one value: derived from the line's, or kept apart since an erasure."""
    if salt.startswith("{"):
        return bytes.fromhex(json.loads(salt)[f"{side}.{key}"])
    return hmac.digest(salt.encode(), f"{side}.{key}".encode(), "sha256")


def erase(
    before: Values, after: Values, salt: str, keys: Iterable[str]
) -> tuple[Values, Values, str]:
    """Return `before`, `after` and the salt without the values under `keys`.

    Their content digest stays what it was. The line's salt goes as well, since with
    it a short value could be guessed; the salts of what stays are kept one by one.

    >>> erase(None, {"name": "Siti", "on": 1}, "00", ["name"])[1]["on"]
    1
    """
    gone = set(keys)
    salts: dict[str, str] = {}
    sides: list[Values] = []
    for side, values in (("before", before), ("after", after)):
        kept = commitments(side, values, salt) or {}
        for key, value in (values or {}).items():
            if key not in gone and not erased_commitment(value):
                salts[f"{side}.{key}"] = salt_of(salt, side, key).hex()
        sides.append(
            values
            and {k: {ERASED: kept[k]} if k in gone else v for k, v in values.items()}
        )
    return sides[0], sides[1], json.dumps(salts)


def canonical(value: Any) -> bytes:
    """The one way to write a value: sorted, without spaces, ASCII."""
    return json.dumps(
        level(value), sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def level(value: Any) -> Any:
    """What databases write differently and mean the same: `1.0` is `1`."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: level(inner) for key, inner in value.items()}
        case list() | tuple():
            return [level(inner) for inner in value]
        case datetime():
            return moment(value)
        case UUID():
            return str(value)
    return value


def moment(value: datetime) -> str:
    """
    >>> moment(datetime(2020, 2, 14, tzinfo=UTC))
    '2020-02-14T00:00:00.000000Z'
    """
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"
