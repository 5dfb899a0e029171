"""Cursors: a place in an order, as an opaque token that names its order and is checked.

A token is base64url (RFC 4648, without padding) of three parts: a tag that follows from the
table and its order, a checksum, and the values of the order's columns as a JSON array. It says
where a row stands, not how many precede it, so that it survives inserts and deletions. The
checksum finds what was mangled; it guards nothing, for a cursor gives no right on any row.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from projections.ordering import Ordering
from projections.table import Table

_TAG = 6
_CHECK = 8


class CursorMalformed(ValueError):
    """A text is not a cursor, or one of another order."""


def tag(table: Table, order: Ordering) -> str:
    """Name an order."""
    return _digest(f"{table.name}:{order.name}")[:_TAG]


def write(table: Table, order: Ordering, values: Sequence[Any]) -> str:
    """Make the cursor of the row that has these values in the columns of the order."""
    outside = [
        column.kind.outside(value) for column, value in zip(order.columns, values, strict=True)
    ]
    # Separators and escapes as PostgreSQL writes them, so that both make the same token.
    place = json.dumps(outside, ensure_ascii=False)
    name = tag(table, order)
    token = f"{name}{_digest(name + place)[:_CHECK]}{place}".encode()
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def read(table: Table, order: Ordering, token: str) -> list[Any]:
    """Give the values of a cursor's row, ready to be bound.

    Raises:
        CursorMalformed: it is no cursor, it was mangled, or it belongs to another order.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        name, check, place = text[:_TAG], text[_TAG : _TAG + _CHECK], text[_TAG + _CHECK :]
        if name != tag(table, order) or check != _digest(name + place)[:_CHECK]:
            raise CursorMalformed("a cursor of another order")
        values = json.loads(place)
        return [
            column.kind.inside(value) for column, value in zip(order.columns, values, strict=True)
        ]
    except (binascii.Error, ValueError, TypeError, ArithmeticError) as malformed:
        raise CursorMalformed(str(malformed)) from malformed


def sql(table: Table, order: Ordering, row: str) -> str:
    """Write the expression that makes the cursor of a row, as `write` does."""
    name = tag(table, order)
    values = ", ".join(
        f"{column.ordered(row)}::text" if column.kind.quoted else column.ordered(row)
        for column in order.columns
    )
    place = f"json_build_array({values})::text"
    check = f"left(encode(sha256(convert_to('{name}' || {place}, 'UTF8')), 'hex'), {_CHECK})"
    token = f"convert_to('{name}' || {check} || {place}, 'UTF8')"
    return f"translate(encode({token}, 'base64'), E'+/=\\n', '-_')"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
