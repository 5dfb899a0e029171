"""Gathering: a report is asked for, question by question, as of one moment."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import msgspec

from api.proofs import NotSealed
from api.report.asking import Asking, NoReport
from api.report.content import Inclusion, Proof, Report
from api.report.happened import Entry
from api.report.stages import stages
from api.report.standing import Answer, Comment, DroppedPart, ObjectiveMeasurement, Roadmap
from domain.identity import Id
from domain.refusal import NotFound, Refusal

MOST: Final = 2_000
"""Items of a list in one report."""

_PAUSE: Final = 0.25
"""Seconds after which it is asked again whether what was just recorded is sealed."""
_ATTEMPTS: Final = 8

T = TypeVar("T")


class ReportTooLong(Refusal):
    """One report tells {limit} facts at most. Ask for an earlier moment, or page by page."""

    FRENCH = (
        "Un rapport compte {limit} faits au plus. "
        "Demandez un moment antérieur, ou l’historique page par page."
    )


class _PageInfo(Answer, frozen=True):
    has_next_page: bool
    end_cursor: str | None


class _Page(Answer, Generic[T], frozen=True):
    nodes: Sequence[T]
    page_info: _PageInfo


class _Paged(Answer, Generic[T], frozen=True):
    page: _Page[T]


class _OfRoadmap(Answer, Generic[T], frozen=True):
    roadmap: T | None


class _Moment(Answer, frozen=True):
    position: int
    recorded_at: datetime | None


class _Told(Answer, frozen=True):
    moment: _Moment


class _Proved(Answer, frozen=True):
    proof: Inclusion


@dataclass(frozen=True, slots=True)
class Gathering:
    """Gathers a report with the rights of a reader, and at their expense."""

    asking: Asking

    async def roadmap(self, id: Id, at: dict[str, Any] | None = None) -> Report:
        """Gather the report of a roadmap as of a moment, an ``AsOf``; without one, as it is.

        Raises:
            NotFound: there is none with this id that the reader may see, or none yet.
            ReportTooLong: too much happened to it.
            NoReport: something else is refused, as `api.report.asking` tells.
            RateLimited: it costs more than is left of a budget.
        """
        context = self.asking.context
        at = at or {"position": str(context.positions.position())}
        moment = (await self.asking.ask("Moment", _Told, at=at)).moment
        at = {"position": str(moment.position)}
        standing = await self.asking.ask("Standing", _OfRoadmap[Roadmap], id=id, at=at)
        roadmap = standing.roadmap
        if roadmap is None:
            raise NotFound("id", id=id, noun="roadmap")
        entries = await self._all("History", Entry, id, at)
        return Report(
            language=context.caller.language,
            position=moment.position,
            recorded_at=moment.recorded_at,
            roadmap=roadmap,
            measurements=await self._all("Measurements", ObjectiveMeasurement, id, at),
            comments=await self._all("Comments", Comment, id, at),
            dropped=await self._all("Dropped", DroppedPart, id, at),
            versions=await stages(roadmap, entries, moment.position, self.asking),
            entries=entries,
            proof=await self._proof(entries, moment.position),
        )

    async def _all(self, name: str, kind: type[T], id: Id, at: dict[str, Any]) -> list[T]:
        found: list[T] = []
        after: str | None = None
        while True:
            paged = _OfRoadmap[_Paged[kind]]  # type: ignore[valid-type]
            told = await self.asking.ask(name, paged, id=id, at=at, after=after)
            if told.roadmap is None:
                return found
            page = told.roadmap.page
            found += page.nodes
            if len(found) > MOST:
                raise ReportTooLong(limit=MOST)
            if not page.page_info.has_next_page:
                return found
            after = page.page_info.end_cursor

    async def _proof(self, entries: Sequence[Entry], at: int) -> Proof | None:
        """Prove the last fact, by the first head over all that was recorded by the moment.

        None where nothing is proved, or nothing seals what was recorded.
        """
        if not entries or self.asking.context.proofs is None:
            return None
        asked = {"position": str(entries[-1].position), "size": str(at)}
        for _ in range(_ATTEMPTS):
            try:
                told = await self.asking.told("Proof", **asked)
            except NoReport as refused:
                if refused.codes != {NotSealed.code}:
                    raise
                await asyncio.sleep(_PAUSE)
            else:
                proof = msgspec.json.decode(told, type=_Proved, strict=False).proof
                return Proof(inclusion=proof, document=_document(told))
        return None


def _document(told: bytes) -> bytes:
    """Write a proof as a file, which serves later as a head that was kept, too."""
    proved = msgspec.json.decode(told)
    written = msgspec.json.encode({"treeHead": proved["proof"]["head"], **proved})
    return msgspec.json.format(written, indent=2) + b"\n"
