"""The scalars of the interface, each with its written form."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import strawberry
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from api.uploads import Upload, upload
from domain.identity import Id
from projections.column import Position, decimal, instant

LAST_POSITION = 2**63 - 1


def position(value: object) -> Position:
    """Read a position from a string of digits, or from a whole number.

    Raises:
        ValueError: it is neither, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("a position is a string of digits")  # noqa: TRY004
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 20):
        raise ValueError("a position is a string of digits")
    number = int(value)
    if not 0 <= number <= LAST_POSITION:
        raise ValueError(f"a position is at least 0 and at most {LAST_POSITION}")
    return Position(number)


def _date(value: object) -> date:
    if not isinstance(value, str) or len(value) != len("2025-12-31"):
        raise ValueError("a date is written 2025-12-31")
    return date.fromisoformat(value)


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("an instant is written 2025-12-31T23:59:59Z")  # noqa: TRY004
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone, such as Z")
    return moment.astimezone(UTC)


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("an exact number is written as a string, such as 12.50")  # noqa: TRY004
    try:
        number = Decimal(value)
    except InvalidOperation as wrong:
        raise ValueError("an exact number is written as a string, such as 12.50") from wrong
    if not number.is_finite():
        raise ValueError("an exact number is finite")
    return number


def _uuid(value: object) -> uuid.UUID:
    if not isinstance(value, str):
        raise ValueError("a UUID is a string")  # noqa: TRY004
    return uuid.UUID(value)


SCALARS: Mapping[object, ScalarDefinition] = {
    Id: DEFAULT_SCALAR_REGISTRY[strawberry.ID],
    Position: strawberry.scalar(
        name="Position",
        description="A position of the log, as a string of digits: 1 for the first event.",
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#nonNegativeInteger",
        serialize=str,
        parse_value=position,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the civil calendar, such as 2025-12-31.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=date.isoformat,
        parse_value=_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC (RFC 3339), such as 2025-12-31T23:59:59+00:00.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=instant,
        parse_value=_instant,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact number, as a string: no digit is lost on the way.",
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
        serialize=decimal,
        parse_value=_decimal,
    ),
    uuid.UUID: strawberry.scalar(
        name="UUID",
        description="A universally unique identifier.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc9562",
        serialize=str,
        parse_value=_uuid,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description="A file that comes as a part of a multipart/form-data request.",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        parse_value=upload,
    ),
}
"""Python types and the scalars that stand for them."""
