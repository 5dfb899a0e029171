"""Tags: by which a caller says which answer they have, and is told that it still holds.

A tag (RFC 9110, 8.8.3) follows from what is asked, by whom, and from how the tables have moved that
the answer is read from: it is known without reading any. It is a weak one. What it names is the
data: what an answer cost, what is left of a budget and up to where it was looked differ each time.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from api.answers import Prepared
from api.media import GRAPHQL_JSON
from api.ports import Positions

ANY: Final = "*"
"""What stands for whatever answer there is."""

_TAG: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_BYTES: Final = 16


def tag_of(prepared: Prepared, arguments: Sequence[object], positions: Positions) -> str | None:
    """Name the answer to a query; None where it depends on more than on tables."""
    compiled = prepared.compiled
    if prepared.rest or compiled.tables is None:
        return None
    asked = "" if compiled.statement is None else compiled.statement.text
    shape = [(key, prepared.answered[key]) for key in prepared.keys]
    named = repr((asked, shape, arguments, compiled.tables, positions.moved(compiled.tables)))
    return blake2b(named.encode(), digest_size=_BYTES).hexdigest()


def written(tag: str, media: str) -> str:
    """Write a tag as `ETag` has it, for an answer of one of our media types."""
    return f'W/"{tag}{_suffix(media)}"'


def held(if_none_match: str, media: str) -> frozenset[str]:
    """Read the tags of `If-None-Match` that were given to answers of a media type, or `ANY`."""
    if if_none_match.strip() == ANY:
        return frozenset({ANY})
    suffix = _suffix(media)
    found = _TAG.findall(if_none_match)
    return frozenset(each.removesuffix(suffix) for each in found if each.endswith(suffix))


def _suffix(media: str) -> str:
    return "-graphql" if media == GRAPHQL_JSON else "-json"
