"""`cordee relay`: bring public events to the broker, in a process of its own."""

from infra.ending import heed
from infra.observing.observatory import observing
from infra.settings import Settings, SettingsError
from infra.system import reachable, system
from infra.terminal import run, say


def relay() -> None:
    """Bring public events to the broker that `CORDEE_NATS_URL` names, without serving.

    Of all processes that would, servers and workers with the same setting among them, one does;
    when it ends, another goes on. Read models must be kept up to date by others.
    """
    run(_relay)


async def _relay(settings: Settings) -> None:
    """Relay until told to end.

    Raises:
        SettingsError: no broker is named.
        DatabaseUnreachable, EmbeddedPostgresError: there is no database.
    """
    if settings.broker is None:
        raise SettingsError(
            "CORDEE_NATS_URL is not set: name the broker, such as nats://user:password@host:4222."
        )
    async with (
        observing(settings, say) as observatory,
        reachable(settings, say) as dsn,
        system(settings, dsn, workers=False, relay=True, observatory=observatory) as running,
    ):
        heed(running.parting.set)
        say("cordée is ready: it brings public events to the broker. Ctrl-C stops it.")
        await running.parting.wait()
    say("cordée has stopped.")
