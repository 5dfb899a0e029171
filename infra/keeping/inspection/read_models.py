"""The read models: whether what they show is what a fresh fold of the log shows."""

from collections.abc import Sequence
from typing import Final

from infra.keeping.inspection.finding import Findings, Rule
from infra.mapper import EventMapper, UnreadableEvent
from infra.progress import Told
from infra.projector.building.builder import MEMORY, connections
from infra.projector.building.comparison import TableComparison
from infra.projector.building.verification import GenerationGone, Verification, Verified
from infra.projector.building.working_set import Unfoldable
from infra.projector.census import take_census
from infra.projector.generation import Generation
from projections.projection import Projection

_UNSEEN: Final = "this version of the program has never served it: `cordee serve` builds it"


async def check_read_models(
    dsn: str,
    mapper: EventMapper,
    projections: Sequence[Projection],
    findings: Findings,
    tell: Told,
    *,
    memory: int = MEMORY,
) -> None:
    """Hold the generation that is served of each projection against a fresh fold.

    ``tell`` is told how many projections are done, of how many; ``memory`` are the bytes that this
    process may take for a fold.
    """
    live = [projection for projection in projections if projection.topics]
    async with connections(dsn, 2) as (reading, writing):
        census = await take_census(writing, [projection.name for projection in live])
        for done, projection in enumerate(live):
            tell(done, len(live))
            entry = next((each for each in census.own(projection) if each.serves), None)
            if entry is None:
                findings.add(Rule.READ_MODELS, f"{projection.name}: {_UNSEEN}")
                continue
            if entry.error is not None:
                problem = f"{projection.name} stopped: {entry.error}"
                findings.add(Rule.READ_MODELS, problem, entry.failing_position)
            verification = Verification(
                Generation(projection, entry.number),
                reading=reading,
                writing=writing,
                mapper=mapper,
                memory=memory,
            )
            try:
                _report(await verification.run(), findings)
            except (Unfoldable, UnreadableEvent) as error:
                findings.add(Rule.READ_MODELS, f"{projection.name} cannot be folded: {error}")
            except GenerationGone:
                continue  # it was replaced meanwhile, and the one after it was just built
    tell(len(live), len(live))


def _report(verified: Verified, findings: Findings) -> None:
    for table in verified.tables:
        if not table.same:
            findings.add(Rule.READ_MODELS, _told(verified, table))
    for wrong in verified.sampled.wrong:
        findings.add(Rule.READ_MODELS, f"{verified.generation}: {wrong} is not what its events say")


def _told(verified: Verified, table: TableComparison) -> str:
    example = next((f", such as {dict(row.key)}" for _, row in table.samples), "")
    return (
        f"{table.table} of {verified.generation} is not what the events up to position"
        f" {verified.position} say: {table.gone} rows are missing, {table.added} should not be"
        f" there, {table.changed} are others{example}"
    )
