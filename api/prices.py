"""Prices: what is paid for an answer, in the unit in which budgets are counted.

The unit is an object that an operation may give: a row of the read model and what is asked of it,
some 5 µs of a core in a page of 50. What costs more than the objects that it gives shows has a
price of its own, chosen as so many times that, on 100 000 rows: a statistic, a search or the
description of the schema takes 25 ms, a command that is decided and stored 0.5 ms.
"""

from dataclasses import dataclass
from typing import Final

PRICE: Final = "price"
"""Where a field's metadata says its price."""

REQUEST: Final = 1
"""Anything that is asked."""
COUNT: Final = 20
"""The length of a long list."""
MUTATION: Final = 100
"""A command, whatever becomes of it."""
CALENDAR: Final = 2_000
"""A calendar that is gathered and written."""
FEED: Final = 100
"""A look at what was published, however little there is of it."""
PUBLIC_EVENT: Final = 2
"""A public event that may be told."""
NEWS: Final = 2_000
"""What happened since somebody last looked, or what that comes to: a look at so many facts."""
STATISTIC: Final = 5_000
"""What all rows of a kind come to."""
SEARCH: Final = 5_000
"""What is found by words."""
MOMENT: Final = 100
"""At which position the log was by an instant, or when an event was recorded."""
HISTORY: Final = 2_000
"""What happened to a thing: a look at so many facts, and at who may be told of them."""
DIFFERENCE: Final = 2_000
"""What is another in a thing between two of its states: each is read with all its parts."""
SOURCES: Final = 500
"""To which events a number leads: a page of what it counts, and of each the versions."""
BLAME: Final = 5_000
"""To which events a thing owes its wording: all versions of it are looked at."""
TRUTH: Final = 20_000
"""What is known by now of a day of one thing: all that ever happened to it, folded anew."""
PROOF: Final = 500
"""That something is in the log, or that nothing in it was changed."""
DOSSIER: Final = 5_000
"""All that is held about a person."""
REPORT: Final = 20_000
"""An audit report that is printed, beside the questions that it asks."""
INTROSPECTION: Final = 5_000
"""The schema, or a part of it."""
SUBSCRIPTION: Final = 5_000
"""What is to come, and what came before; it is paid once, when it begins."""
FILE: Final = 10_000
"""A file that is received, whatever it says."""
INTAKE: Final = 100_000
"""A spreadsheet that is taken in, or shown to be what it should: up to a thousand commands."""

ITEMS: Final = 5
"""Items of a list without pages, which is short: what one row owns of something."""
GROUPS: Final = 100
"""Groups of a statistic; there may be more, but they are read in one go."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a field costs beside what is asked of the objects that it gives."""

    once: int = 0
    items: int = ITEMS
    """How many it is taken to give, where it gives a list without pages."""
