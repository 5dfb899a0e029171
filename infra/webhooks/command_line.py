"""Webhooks from the command line, as whoever runs the instance looks after them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from api.webhooks.notices import Notice
from api.webhooks.port import WEBHOOK
from domain.identity import external
from domain.refusal import NotFound
from infra.migrate import migrate
from infra.settings import Settings
from infra.system import reachable
from infra.terminal import console, run, say
from infra.webhooks.endpoint import COLUMNS, Endpoint
from infra.webhooks.standing import note, pause

app = typer.Typer(
    name="webhooks",
    no_args_is_help=True,
    help="Webhooks, by which partners are told what happens.",
)

WHOLE: Final = 200
"""Columns in which a list fits without cutting an id."""

_ALL: Final = f"""
select {COLUMNS},
    (select count(*) from webhook.delivery d where d.endpoint = e.id and d.state = 'QUEUED')
        as waiting,
    greatest((select coalesce(max(position), 0) from log.event) - position, 0) as lag,
    (select code from webhook.notice n where n.endpoint = e.id order by n.id desc limit 1) as code
from webhook.endpoint e order by registered_at, id
"""  # noqa: S608  (names of ours)

_HOLD: Final = f"select {COLUMNS} from webhook.endpoint where id = $1 for no key update"  # noqa: S608

Which = Annotated[str, typer.Argument(help="The webhook, as whk_….")]


@app.command("list")
def list_webhooks() -> None:
    """List all webhooks: whose they are, where they lead, and how they fare."""
    run(_list)


@app.command("pause")
def pause_webhook(webhook: Which) -> None:
    """Let a webhook be told nothing until it is resumed; its owner is told that."""

    async def change(connection: Any, endpoint: Endpoint) -> None:
        await pause(connection, endpoint.id, Notice.PAUSED_BY_OPERATOR)

    run(lambda settings: _steer(settings, webhook, change, "paused"))


@app.command("resume")
def resume_webhook(webhook: Which) -> None:
    """Let a webhook go on where it was; one that is not verified is challenged again."""

    async def change(connection: Any, endpoint: Endpoint) -> None:
        from infra.webhooks.registry import resume  # which takes its time to import

        await resume(connection, endpoint)
        await note(connection, endpoint.id, Notice.RESUMED_BY_OPERATOR)

    run(lambda settings: _steer(settings, webhook, change, "resumed"))


async def _list(settings: Settings) -> None:
    table = Table(
        "webhook", "of", "address", "state", "position", "behind", "waiting", "last notice"
    )
    async with _connected(settings) as connection:
        for row in await connection.fetch(_ALL):
            shown = Endpoint.of(row).shown(row["waiting"])
            table.add_row(
                WEBHOOK.write(shown.id.int),
                external("principal", row["principal"]),
                shown.url,
                shown.state.en,
                str(shown.position),
                str(row["lag"]),
                str(shown.waiting),
                row["code"],
            )
    # Not cut to the terminal: half an id is of no use to whoever pauses the webhook.
    Console(width=max(WHOLE, console.width)).print(table)


async def _steer(
    settings: Settings,
    webhook: str,
    change: Callable[[Any, Endpoint], Awaitable[None]],
    done: str,
) -> None:
    number = WEBHOOK.read(webhook)
    async with _connected(settings) as connection, connection.transaction():
        row = None if number is None else await connection.fetchrow(_HOLD, UUID(int=number))
        if row is None:
            raise NotFound("webhook", id=webhook[:80], noun="webhook")
        await change(connection, Endpoint.of(row))
    say(f"{webhook} is {done}.")


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Any]:
    """Give a connection to the database, beside a server that may be running."""
    async with reachable(settings, say) as dsn:
        await migrate(dsn)
        session = {"application_name": "cordee webhooks", "timezone": "UTC"}
        connection = await asyncpg.connect(dsn, server_settings=session)
        try:
            yield connection
        finally:
            await connection.close()
