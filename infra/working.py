"""Work without a server: the read models kept up with the log, by any number of processes."""

from infra.ending import heed
from infra.observing.observatory import observing
from infra.settings import Settings
from infra.system import reachable, system
from infra.terminal import say


async def work(settings: Settings) -> None:
    """Fold whatever is not folded by others, until told to end; then others go on at once.

    Raises:
        DatabaseUnreachable, EmbeddedPostgresError: there is no database to work on.
    """
    async with (
        observing(settings, say) as observatory,
        reachable(settings, say) as dsn,
        system(settings, dsn, deliver=True, observatory=observatory) as running,
    ):
        heed(running.parting.set)
        say("cordée is ready: it keeps the read models up to date. Ctrl-C stops it.")
        await running.parting.wait()
    say("cordée has stopped.")
