"""The projection runner of eventsourcing as it comes, on PostgreSQL: the mark to be beaten.

It takes events in one by one, each in a transaction of its own with the position that it has come
to; what it does here for each is the least that a read model can do, to count.
"""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

STEPS = 15
"""Events of one aggregate, as many as an action has in the other log."""


class Sheet(Aggregate):
    """Something that is worked on."""

    @event("Started")
    def __init__(self, title: str) -> None:
        self.title = title

    @event("Reported")
    def report(self, percent: int) -> None:
        """Tell how far it is."""
        self.percent = percent


class Tally(PostgresTrackingRecorder):
    """Counts events by their class."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:
        super().__init__(datastore, **options)
        schema = Identifier(self.datastore.schema)
        self.sql_create_statements.append(
            SQL(
                "create table if not exists {0}.tally (name text primary key, count bigint)"
            ).format(schema)
        )
        self._count = SQL(
            "insert into {0}.tally values (%s, 1)"
            " on conflict (name) do update set count = tally.count + 1"
        ).format(schema)

    def count(self, name: str, tracking: Tracking) -> None:
        """Count an event, and note that it was."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._count, (name,))


class Counting(Projection[Tally]):
    """Counts all events."""

    name = "counting"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Take one event in."""
        self.view.count(type(domain_event).__name__, tracking)


def measured(dsn: str, events: int) -> float:
    """Write some events and let the runner take them in; give how many it did per second."""
    environment = _environment(dsn)
    application: Application[UUID] = Application(env=environment)
    last = 0
    for _ in range(events // STEPS):
        sheet = Sheet(title="Mesurer")
        for percent in range(STEPS - 1):
            sheet.report(percent=percent)
        last = application.save(sheet)[-1].notification.id
    application.close()
    start = time.perf_counter()
    with ProjectionRunner(
        application_class=Application, projection_class=Counting, view_class=Tally, env=environment
    ) as runner:
        runner.projection.view.wait("Application", last, timeout=300)
        return last / (time.perf_counter() - start)


def _environment(dsn: str) -> dict[str, str]:
    parts = urlsplit(dsn)
    told = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path[1:],
        "POSTGRES_HOST": told["host"],
        "POSTGRES_PORT": told["port"],
        "POSTGRES_USER": parts.username or "",
        "POSTGRES_PASSWORD": parts.password or "none",
    }
