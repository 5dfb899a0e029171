"""Search: what is found by words, the best first, each with the passage that says them.

Words are taken in French: their forms, case and accents do not matter; quotes make a phrase, and
a minus sign leaves out. Where nothing has these words, names that come close are found instead:
a typing error is forgiven.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from domain import text
from domain.identity import Id
from projections import guard
from projections.column import INTEGER, TEXT, Column
from projections.guard import Eyes, Viewer
from projections.ordering import Ordering
from projections.passages import Findable, PassagePart, PassageRow
from projections.statement import Statement

ORDER: Final = Ordering((Column("rank", INTEGER, False), Column("entity_id", TEXT, False)))
"""What a place in the results consists of; the highest rank comes first, then the lowest id."""

# Texts contain no control characters, so that these two mark without ambiguity.
_START: Final = "\x02"
_STOP: Final = "\x03"

# A thing is found once, by the best of its passages, which is looked for again for those few that
# are shown. That nothing is sought which would read the whole index (nothing but stop words, or
# only what is to be left out), `querytree` tells. The rank is a whole number of millionths: it
# stands in cursors, and must come back from there as it was.
#
# To weigh a passage costs more than to find it. Where very many say what is looked for, only the
# shortest of them are weighed, in which it stands out most, with names among them; what others
# alone say comes behind. Those few are fetched again by their place in the table, which is the
# same throughout a statement.
_SEARCH: Final = r"""
with asked as materialized (
    select websearch_to_tsquery('search.french', $1::text) as query, $2::text as name
),
said as materialized (
    select p.ctid as place, p.entity_id, octet_length(p.text) as length
    from asked
    join passage p on p.words @@ asked.query
    where querytree(asked.query) not in ('', 'T')
        and ($3::text[] is null or p.kind = any($3))
        and ($4::text is null or $4 = any(p.territory_keys))
        and seen(p)
),
saying as materialized (
    select entity_id, max(rank) as rank
    from (
        select p.entity_id, round(1e6 * ts_rank_cd(p.words, asked.query, 1 | 32))::bigint as rank
        from (select place from said order by length, entity_id limit 1000) weighed
        join passage p on p.ctid = weighed.place
        cross join asked
        union all
        select entity_id, 0 from said
    ) ranked
    group by entity_id
),
resembling as materialized (
    select
        p.entity_id,
        max(round(1e6 * search.word_similarity(asked.name, p.name_key))::bigint) as rank
    from asked
    join passage p on asked.name operator(search.<%) p.name_key
    where querytree(asked.query) not in ('', 'T')
        and not exists (select from saying)
        and ($3::text[] is null or p.kind = any($3))
        and ($4::text is null or $4 = any(p.territory_keys))
        and seen(p)
    group by p.entity_id
),
found as not materialized (
    select entity_id, rank, false as near from saying
    union all
    select entity_id, rank, true from resembling
),
page as materialized (
    select * from found
    where $5::bigint is null or rank < $5 or (rank = $5 and entity_id > $6::text collate "C")
    order by rank desc, entity_id
    limit $7::bigint
)
select
    (select count(*) from found) as total,
    exists (
        select from found
        where rank > $5 or (rank = $5 and entity_id <= $6 collate "C")
    ) as preceded,
    page.rank, page.entity_id, best.kind, best.about_id, best.part, page.near,
    case when page.near then best.text else ts_headline(
        'search.french', best.text, (select query from asked),
        E'StartSel="\x02", StopSel="\x03", MinWords=15, MaxWords=35'
    ) end as passage
from (values (1)) always
left join page on true
left join lateral (
    select p.kind, p.about_id, p.part, p.text
    from asked
    join passage p on p.entity_id = page.entity_id
    where (case when page.near then p.name_key is not null else p.words @@ asked.query end)
        and seen(p)
    order by ts_rank_cd(p.words, asked.query, 1 | 32) desc, p.about_id, p.part
    limit 1
) best on true
order by page.rank desc, page.entity_id
"""

_QUOTES: Final = str.maketrans(dict.fromkeys("«»“”„", '"'))

# Words that say nothing, but are in PostgreSQL's list of those in another form only: "le" without
# "les", "à" without the "a" of those who type no accents.
_EMPTY: Final = re.compile(
    r"(?<!\w)(?:a|les|cet|cette|où|ils|elles|leurs|meme|memes)(?!\w)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; what is None does not matter."""

    text: str
    kinds: Sequence[Findable] | None = None
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a passage."""

    text: str
    marked: bool
    """Whether it is one of the words that were looked for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found."""

    rank: int
    entity_id: Id
    kind: Findable
    about_id: Id
    """What bears the passage: the thing itself, or a part of it such as a lever."""
    part: PassagePart
    near: bool
    """Whether its name only comes close to what was looked for."""
    passage: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found."""

    hits: tuple[Hit, ...]
    total: int
    preceded: bool
    """Whether there is anything at the place after which the page lies, or before it."""


def ask(
    search: Search, limit: int, eyes: Eyes, after: tuple[int, str] | None = None
) -> tuple[Statement, Sequence[object]]:
    """Write a search for so many hits behind a place: a statement and its arguments.

    What may not be seen is not found, and does not keep similar names from being found.
    """
    kinds = None if search.kinds is None else [kind.value for kind in search.kinds]
    words = _EMPTY.sub("le", search.text.translate(_QUOTES))
    place = (None, None) if after is None else after
    given = (words, text.folded(search.text), kinds, search.territory, *place, limit)
    return _statement(eyes.viewer(len(given) + 1)), (*given, *eyes.arguments)


@cache
def _statement(viewer: Viewer) -> Statement:
    seen = "".join(f"and {each}" for each in guard.seen(PassageRow.TABLE, "p", viewer))
    return guard.complete(_SEARCH.replace("and seen(p)", seen), viewer)


def read(rows: Sequence[Sequence[Any]]) -> Found:
    """Read what a search has given."""
    total, preceded = rows[0][:2]
    return Found(tuple(_hit(row[2:]) for row in rows if row[2] is not None), total, preceded)


def _hit(row: Sequence[Any]) -> Hit:
    rank, entity_id, kind, about_id, part, near, passage = row
    return Hit(
        rank=rank,
        entity_id=entity_id,
        kind=Findable[kind],
        about_id=about_id,
        part=PassagePart[part],
        near=near,
        passage=pieces(passage),
    )


def pieces(passage: str) -> tuple[Piece, ...]:
    """Take a passage apart at its marks."""
    found = []
    for number, part in enumerate(passage.split(_START)):
        marked, stop, rest = part.partition(_STOP)
        if number and stop:
            found.append(Piece(marked, True))
        else:
            rest = part
        if rest:
            found.append(Piece(rest, False))
    return tuple(found)
