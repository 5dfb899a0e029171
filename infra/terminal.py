"""The terminal: how a command of the program runs, what it says, and how it ends."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import typer
import uvloop
from rich.console import Console

from api.manifest import BrokenManifest
from domain.refusal import Refusal
from infra import command_file, garbage, server
from infra.ending import heed
from infra.identity.demo import NoSuchPersona, NoSuchRole
from infra.keeping.damage import KeepingError
from infra.keys.keyring import WrongMasterKey
from infra.keys.rotation import ServerBehind
from infra.log import configure_logging
from infra.mapper import UnreadableEvent
from infra.migrate import MigrationChanged, MigrationImpossible, PostgresTooOld
from infra.postgres import EmbeddedPostgresError
from infra.projector.refusals import NotPossible
from infra.settings import Settings, SettingsError
from infra.sheets.problem import BrokenSheet, UnfitFile
from infra.store import GapInLog, GapInStream, StoreUnavailable
from infra.system import DatabaseUnreachable

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_SENTENCES = (
    SettingsError,
    KeepingError,
    WrongMasterKey,
    ServerBehind,
    server.PortTaken,
    DatabaseUnreachable,
    EmbeddedPostgresError,
    NotPossible,
    PostgresTooOld,
    MigrationChanged,
    MigrationImpossible,
    StoreUnavailable,
    GapInLog,
    GapInStream,
    UnreadableEvent,
    BrokenManifest,
    command_file.BrokenFile,
    BrokenSheet,
    UnfitFile,
    NoSuchPersona,
    NoSuchRole,
    Refusal,
)
"""What goes wrong outside of the program, each with a message that says what to do."""


def say(line: str) -> None:
    """Print a line, whatever is in it."""
    console.print(line, soft_wrap=True, markup=False)


def run(work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    """Read the settings and do some work to its end; what goes wrong is told in a sentence."""
    with _told_in_a_sentence():
        settings = Settings.from_environment(os.environ)
        configure_logging(settings.log_level)
        garbage.settle()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told_to_stop(work(settings)))


async def _until_told_to_stop(work: Coroutine[Any, Any, None]) -> None:
    """Do some work; SIGINT and SIGTERM cancel it, so that all that was started ends in order."""
    task = asyncio.ensure_future(work)
    heed(task.cancel)
    await task


@contextmanager
def _told_in_a_sentence() -> Iterator[None]:
    try:
        yield
    except _SENTENCES as error:
        errors.print(str(error), soft_wrap=True, markup=False)
        raise typer.Exit(2) from error
    except OSError as error:
        errors.print(f"{error.filename or 'cordee'}: {error.strerror or error}", markup=False)
        raise typer.Exit(2) from error
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(130) from None
