"""The observatory: from where a running process is watched."""

import platform
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from starlette.middleware import Middleware

from api.meter import NO_METER, Meter
from api.ports import Reads
from infra.observing.parts import Parts
from infra.observing.watch import SILENCE, AppendWatch, CommandWatch, FoldWatch, WebhookWatch
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.observing.standing import Standing
    from infra.observing.tracing import Tracing


@dataclass(frozen=True)
class Observatory:
    """What the parts of a process are given to tell of themselves."""

    commands: CommandWatch = SILENCE
    appends: AppendWatch = SILENCE
    folds: FoldWatch = SILENCE
    webhooks: WebhookWatch = SILENCE
    interface: Meter = NO_METER
    timed: Callable[[Reads], Reads] = lambda reads: reads
    """Gives what answers in place of the read model, and tells how long that took."""
    middleware: Sequence[Middleware] = ()
    standing: "Standing | None" = None

    def attend(self, dsn: str, parts: Parts) -> None:
        """Tell from now on how the parts of the process stand, and what its database says."""
        if self.standing is not None:
            self.standing.attend(dsn, parts)


UNOBSERVED: Final = Observatory()
"""For a process that nobody watches: it costs nothing."""


@asynccontextmanager
async def observing(settings: Settings, say: Callable[[str], None]) -> AsyncIterator[Observatory]:
    """Watch this process, as far as the settings ask for it, and say where metrics are shown.

    Raises:
        PortTaken: metrics cannot be shown where they are to be.
    """
    if settings.metrics_port is None and not settings.traces:
        yield UNOBSERVED
        return
    async with AsyncExitStack() as parts:
        tracing = None
        if settings.traces:
            from infra.observing.tracing import Tracing

            tracing = Tracing.exporting(_version())
            parts.callback(tracing.close)
        yield await parts.enter_async_context(watched(settings, tracing, say))


@asynccontextmanager
async def watched(
    settings: Settings, tracing: "Tracing | None", say: Callable[[str], None]
) -> AsyncIterator[Observatory]:
    """Count all that is done, trace it where there is ``tracing``, and show what was counted."""
    from prometheus_client import (
        CollectorRegistry,
        Gauge,
        GCCollector,
        PlatformCollector,
        ProcessCollector,
        disable_created_metrics,
    )

    from infra.observing import exposition, loop
    from infra.observing.appends import AppendMeter
    from infra.observing.commands import CommandMeter
    from infra.observing.folds import FoldMeter
    from infra.observing.interface import InterfaceMeter
    from infra.observing.requests import RequestMeter, Requests
    from infra.observing.standing import Standing
    from infra.observing.statements import ReadMeter, TimedReads
    from infra.observing.webhooks import WebhookMeter

    # They would be a series beside each counter that says when the process began.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    for collector in (GCCollector, PlatformCollector, ProcessCollector):
        collector(registry=registry)
    built = Gauge("cordee_build_info", "What runs.", ("version", "python"), registry=registry)
    built.labels(_version(), platform.python_version()).set(1)
    standing = Standing(settings.data_dir)
    registry.register(standing)
    async with AsyncExitStack() as parts:
        await parts.enter_async_context(loop.timed(registry))
        if settings.metrics_port is not None:
            app = exposition.application(registry, standing.refresh, standing.ready)
            address = await parts.enter_async_context(
                exposition.shown(app, settings.metrics_host, settings.metrics_port)
            )
            say(f"Metrics, for operators: {address}/metrics")
        yield Observatory(
            commands=CommandMeter(registry, tracing),
            appends=AppendMeter(registry, tracing),
            folds=FoldMeter(registry, tracing),
            webhooks=WebhookMeter(registry),
            interface=InterfaceMeter(registry, tracing),
            timed=partial(TimedReads, meter=ReadMeter(registry)),
            middleware=(Middleware(Requests, RequestMeter(registry, tracing)),),
            standing=standing,
        )


def _version() -> str:
    try:
        return version("cordee")
    except PackageNotFoundError:  # it runs from its sources, without having been installed
        return "unreleased"
