"""Languages: in which of them something is said, where a field can say it in either."""

from enum import Enum
from typing import Annotated, Any, Final

import strawberry
from strawberry import UNSET

from api.context import Info
from domain.refusal import Language


@strawberry.enum(description="A language in which something is said.")
class SpokenLanguage(Enum):
    """A language in which something is said."""

    FR = strawberry.enum_value("FR", description="French.")
    EN = strawberry.enum_value("EN", description="English.")


In = Annotated[
    SpokenLanguage | None,
    strawberry.argument(description="In which language; that of Accept-Language unless given."),
]

_LANGUAGES: Final[dict[Any, Language]] = {SpokenLanguage.FR: "fr", SpokenLanguage.EN: "en"}


def spoken(asked: Any, info: Info) -> Language:
    """Give the language that was asked for, or that of the caller."""
    if asked is None or asked is UNSET:
        return info.context.caller.language
    return _LANGUAGES[SpokenLanguage(asked)]
