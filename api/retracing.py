"""Retracing: looks into what rows were, of which one operation takes so many at most.

Each of them is a statement of its own or several. Where a list is asked for them item by item, that
is told before the read model has to find out.
"""

from typing import Final

from api.context import Operation
from domain.refusal import Refusal

MOST: Final = 50
"""Differences, blames and sources that one operation may ask for."""


class TooMuchRetraced(Refusal):
    """An operation asks for {limit} differences, blames or sources at most. Ask of fewer things."""

    FRENCH = (
        "Une requête demande {limit} comparaisons, attributions ou sources au plus. "
        "Demandez-les pour moins de choses."
    )


def retrace(operation: Operation) -> None:
    """Count a look into what rows were.

    Raises:
        TooMuchRetraced: there were as many already.
    """
    operation.retraced += 1
    if operation.retraced > MOST:
        raise TooMuchRetraced(limit=MOST)
