"""The check of the read models: they show what a fresh fold shows, or it says where they do not."""

from infra.keeping.inspection.finding import Finding, Findings, Rule
from infra.keeping.inspection.read_models import check_read_models
from infra.projector import Projector, prepare
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from tests.history import opened
from tests.keeping.world import execute, silent

ORGANISATIONS = next(each for each in PROJECTIONS if each.name == "organisations")


async def found(dsn: str, *projections: Projection) -> list[Finding]:
    """Check some read models."""
    told: list[Finding] = []
    async with opened(dsn) as log:
        await check_read_models(dsn, log.mapper, projections, Findings(told.append), silent)
    return told


async def folded(dsn: str, *projections: Projection) -> None:
    """Let read models be built up to the head of the log."""
    await prepare(dsn, projections)
    async with opened(dsn) as log:
        projector = await Projector.start(dsn, log.store, log.mapper, projections=projections)
        assert await projector.wait_until(await log.store.head(), 30)
        await projector.stop()


async def test_read_models_that_show_the_log_are_right(world: str) -> None:
    await folded(world, *PROJECTIONS)

    assert await found(world, *PROJECTIONS) == []


async def test_a_row_that_was_changed_is_found(world: str) -> None:
    await folded(world, ORGANISATIONS)
    await execute(
        world,
        "update read_organisations_1.organisation set name = 'other'"
        " where id = (select min(id) from read_organisations_1.organisation)",
    )

    (finding, *_) = await found(world, ORGANISATIONS)

    assert finding.rule is Rule.READ_MODELS
    assert finding.problem.startswith("organisation of generation 1 of organisations is not what")
    assert "1 are others, such as" in finding.problem


async def test_a_read_model_that_was_never_made_is_named(world: str) -> None:
    (finding,) = await found(world, ORGANISATIONS)

    assert finding == Finding(
        Rule.READ_MODELS,
        "organisations: this version of the program has never served it: `cordee serve` builds it",
    )
