"""How fast a search answers over 100 000 texts, as whole GraphQL queries of one client.

``python -m tests.bench.search`` starts a PostgreSQL, writes 20 000 things of five texts each, whose
words are as unevenly common as those of a language are (Zipf), and asks for rare words and common
ones, several at once, phrases, names with a typing error, and words in one territory. Printed are
the quantiles of each kind of question in milliseconds, and of all together.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from api import schema
from api.context import Context
from api.ports import Caller
from domain import text
from domain.identity import Id
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from infra.reads import Reads
from projections.passages import Findable, PassagePart, PassageRow
from projections.reach import Reach
from tests.api.ports import Still
from tests.generations import FIRST, PATH, first_table

THINGS = 20_000
PARTS = (
    PassagePart.NAME,
    PassagePart.PURPOSE,
    PassagePart.LEVER,
    PassagePart.OBJECTIVE,
    PassagePart.DESCRIPTION,
)
WORDS = 30
"""Words of a text; a name has three."""

SEARCH = """
query Search($text: String!, $territory: String, $kinds: [Findable!]) {
  search(text: $text, territory: $territory, kinds: $kinds) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { kind part near passage { text marked } node { __typename id } }
  }
}
"""


class Language:
    """Words of two to four syllables, each less common than the one before."""

    def __init__(self, chance: random.Random, size: int = 20_000) -> None:
        syllables = [a + b for a in "bcdfglmnprstv" for b in ("a", "é", "i", "o", "ou", "eau")]
        words = {"".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(size)}
        self._chance = chance
        self.words = chance.sample(sorted(words), len(words))  # sets are in another order each run
        self._weights = list(itertools.accumulate(1 / n for n in range(1, len(self.words) + 1)))

    def text(self, length: int) -> str:
        """Make a text."""
        chosen = self._chance.choices(self.words, cum_weights=self._weights, k=length)
        return " ".join(chosen)


def passages(chance: random.Random, language: Language) -> Iterator[PassageRow]:
    """Make all texts."""
    for number in range(THINGS):
        id = Id(f"org_{number:032x}")
        region = f"region:{chance.choice(('28', '53', '84', '93', '11'))}"
        for part in PARTS:
            named = part is PassagePart.NAME
            says = language.text(3 if named else WORDS)
            yield PassageRow(
                about_id=id,
                part=part,
                entity_id=id,
                kind=Findable.ORGANISATION,
                text=says,
                name_key=text.folded(says) if named else None,
                territory_keys=["FR", region],
                inherited_keys=[],
                reach=Reach.EVERYONE,
            )


def questions(
    chance: random.Random, language: Language, written: Sequence[PassageRow]
) -> dict[str, Callable[[], dict[str, Any]]]:
    """Give the kinds of questions, each with what makes its variables."""
    words = language.words

    def rare() -> str:
        return chance.choice(words[1_000:])

    def common() -> str:
        # The very first stand for the stop words of a language, of which a search takes no notice.
        return chance.choice(words[10:110])

    def phrase() -> str:
        said = chance.choice(written).text.split()
        start = chance.randrange(len(said) - 1)
        return f'"{" ".join(said[start : start + 2])}"'

    def misspelt() -> str:
        name = chance.choice(written[:: len(PARTS)]).text
        place = chance.randrange(1, len(name) - 1)
        return f"{name[:place]}x{name[place + 1 :]}"

    return {
        "a rare word": lambda: {"text": rare()},
        "a common word": lambda: {"text": common()},
        "two common words": lambda: {"text": f"{common()} {common()}"},
        "three words of one text": lambda: {
            "text": " ".join(chance.sample(chance.choice(written).text.split(), 3))
        },
        "a phrase": lambda: {"text": phrase()},
        "a name, misspelt": lambda: {"text": misspelt()},
        "a word in a territory": lambda: {"text": common(), "territory": "region:28"},
        "nothing to be found": lambda: {"text": "xylographiez wagnériennement"},
    }


async def fill(dsn: str, written: Sequence[PassageRow]) -> None:
    """Write all texts and the things that bear them."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": PATH})
    try:
        began = time.perf_counter()
        for start in range(0, len(written), 5_000):
            await first_table(PassageRow).upsert(connection, written[start : start + 5_000])
        seconds = time.perf_counter() - began
        print(f"{len(written)} texts written in {seconds:.1f} s, {len(written) / seconds:.0f}/s")
        await connection.execute(
            f"""
            insert into organisation
            select 'org_' || lpad(to_hex(n), 32, '0'), 1, now(), now(), 'Organisation ' || n,
                'organisation ' || n, 'COMPANY', null, null, null, null, false
            from generate_series(0, {THINGS - 1}) n
            """  # noqa: S608 - a constant of this module
        )
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def measure(dsn: str, written: Sequence[PassageRow], language: Language, asked: int) -> None:
    """Ask each kind of question so often, in turns, and print how long they took."""
    chance = random.Random(7)  # noqa: S311 - the same in every run
    reads = await Reads.open(dsn, FIRST, pool_size=2)
    unused: Any = None
    context = Context(
        commands=unused,
        reads=reads,
        positions=Still(),
        feed=unused,
        sheets=unused,
        caller=Caller("bench", "fr"),
    )
    kinds = questions(chance, language, written)
    took: dict[str, list[float]] = {name: [] for name in kinds}
    found: dict[str, list[int]] = {name: [] for name in kinds}
    for turn in range(asked + 5):
        for name, variables in kinds.items():
            given = variables()
            began = time.perf_counter()
            result = await schema.create().execute(
                SEARCH, variable_values=given, context_value=context
            )
            seconds = time.perf_counter() - began
            assert result.data is not None, result.errors
            if turn >= 5:  # the first warm caches
                took[name].append(1000 * seconds)
                found[name].append(result.data["search"]["totalCount"])
    await reads.close()
    print(f"{'':26} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'found':>8}")
    for name, times in took.items():
        _print(name, times, sorted(found[name])[len(found[name]) // 2])
    _print("all together", list(itertools.chain(*took.values())), None)


def _print(name: str, times: Sequence[float], found: int | None) -> None:
    ordered = sorted(times)
    p50, p95, p99 = (ordered[int(share * len(ordered))] for share in (0.5, 0.95, 0.99))
    print(f"{name:26} {p50:8.1f} {p95:8.1f} {p99:8.1f} {'' if found is None else found:>8}")


async def bench(arguments: argparse.Namespace) -> None:
    """Start everything, measure, and end it."""
    chance = random.Random(4)  # noqa: S311 - the same in every run
    language = Language(chance)
    written = list(passages(chance, language))
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder) as postgres:
            await migrate(postgres.dsn)
            await prepare(postgres.dsn)
            await fill(postgres.dsn, written)
            await measure(postgres.dsn, written, language, arguments.asked)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asked", type=int, default=100, help="how often each kind is asked")
    uvloop.run(bench(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
