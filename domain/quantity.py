"""Quantities as they enter the system: exact decimal numbers, finite and bounded."""

from decimal import Decimal

from domain.refusal import Refusal

DIGITS = 20


class InvalidQuantity(Refusal):
    """{value} cannot be recorded. Write a finite number of at most {digits} digits."""

    FRENCH = "{value} ne peut être enregistré. Écrivez un nombre fini de {digits} chiffres au plus."


def quantity(value: Decimal, path: str) -> Decimal:
    """A finite number that takes at most 20 digits when written out, without an exponent.

    Trailing zeros stay: they tell how precisely something was measured.
    """
    if not value.is_finite() or _digits(value) > DIGITS:
        raise InvalidQuantity(path, value=str(value)[:40], digits=DIGITS)
    return Decimal(format(value, "f"))


def optional_quantity(value: Decimal | None, path: str) -> Decimal | None:
    """A quantity, or nothing: not known is not zero."""
    return None if value is None else quantity(value, path)


def _digits(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "a finite number has an exponent"
    return max(value.adjusted() + 1, 1) + max(-exponent, 0)
