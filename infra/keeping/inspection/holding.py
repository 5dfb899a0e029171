"""Holding: aggregates that need a claim and claims that are held, compared with each other.

Each aggregate that needs a claim is looked up among the claims as it comes by. That no other claim
is held follows from a count and a sum of both, in which the order plays no part; only where these
differ is the holder of each claim looked up, too.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from domain.action import Action
from domain.aggregate import Aggregate
from domain.claim import Claim
from infra.keeping.inspection.claims import HOLDERS, Key, key_of, plan_named, wrongly_held
from infra.keeping.inspection.finding import Findings, Rule
from infra.keeping.inspection.folding import Fold
from infra.keeping.kept import Connection
from infra.keys.keyring import WrongMasterKey
from infra.mapper import EventMapper, UnreadableEvent
from infra.store import StoredEvent

_SOME: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where stream_id = any($1::uuid[])
order by stream_id, version
"""

_OPENED: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where topic = 'claim.opened'
"""

_SLICE: Final = 1_000
"""Claims whose holders are looked up in one go."""


class Tally:
    """What two sets can be compared by that are too large to be kept."""

    def __init__(self) -> None:
        self._seen = (0, 0)

    def add(self, id: UUID) -> None:
        """Count an id, once."""
        number, total = self._seen
        self._seen = number + 1, total ^ id.int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and other._seen == self._seen

    __hash__ = None  # type: ignore[assignment]


class Holding:
    """Who holds what, as aggregates come to their end."""

    def __init__(
        self,
        connection: Connection,
        mapper: EventMapper,
        findings: Findings,
        key_of_claim: Callable[[UUID], Key],
    ) -> None:
        """``key_of_claim`` gives the key of a claim that is checked."""
        self._connection = connection
        self._mapper = mapper
        self._findings = findings
        self._key_of_claim = key_of_claim
        self._rightful = Tally()
        self._held = Tally()
        self._unreadable: set[UUID] = set()

    async def check(self, aggregates: Sequence[Aggregate]) -> None:
        """Look for the claims that some aggregates need, and take in the claims among them."""
        plans = await self._plans(aggregates)
        needed = {one.id: key for one in aggregates if (key := key_of(one, plans)) is not None}
        found = await self._load(Claim.id_of(*key) for key in needed.values())
        for holder, key in needed.items():
            wanted = Claim.id_of(*key)
            if wanted in self._unreadable:
                continue
            claim = found.get(wanted)
            if not isinstance(claim, Claim) or claim.holder != holder:
                by = f"{claim.holder} does" if isinstance(claim, Claim) else "nobody does"
                self._findings.add(Rule.CLAIMS, f"{holder} does not hold {key}: {by}")
            elif _given_back(key):
                self._rightful.add(claim.id)
        kept = []
        for claim in (one for one in aggregates if isinstance(one, Claim)):
            key = self._key_of_claim(claim.id)
            if not _given_back(key):
                kept.append((claim, key))
            elif claim.holder is not None:
                self._held.add(claim.id)
        await self._look(kept)

    async def end(self) -> None:
        """Find the claims that are held by somebody who does not need them."""
        if self._held == self._rightful:
            return
        async for keys in self._opened():
            claims = await self._load(keys)
            pairs = [(one, keys[one.id]) for one in claims.values() if isinstance(one, Claim)]
            await self._look([(claim, key) for claim, key in pairs if _given_back(key)])

    async def _look(self, claims: Sequence[tuple[Claim, Key]]) -> None:
        """Look the holders of claims up."""
        holders = await self._load(one.holder for one, _ in claims if one.holder is not None)
        plans = await self._plans(holders.values())
        for claim, key in claims:
            if claim.holder in self._unreadable:
                continue
            holder = None if claim.holder is None else holders.get(claim.holder)
            problem = wrongly_held(claim, key, holder, plans)
            if problem is not None:
                self._findings.add(Rule.CLAIMS, f"claim {claim.id}: {problem}")

    async def _opened(self) -> AsyncIterator[dict[UUID, Key]]:
        """Give the keys of all claims that can be read."""
        cursor = await self._connection.cursor(_OPENED)
        while rows := await cursor.fetch(_SLICE):
            keys = {}
            for row in rows:
                try:
                    (recorded,) = await self._mapper.decode([StoredEvent(*row)])
                except UnreadableEvent:
                    continue
                assert isinstance(recorded.event, Claim.Opened)
                keys[recorded.stream_id] = recorded.event.key
            yield keys

    async def _plans(self, aggregates: Iterable[Aggregate]) -> Mapping[UUID, Aggregate]:
        return await self._load(plan for one in aggregates if (plan := plan_named(one)) is not None)

    async def _load(self, streams: Iterable[UUID]) -> dict[UUID, Aggregate]:
        """Fold some streams; what cannot be is left out, and told where its own turn comes."""
        wanted = list(set(streams))
        rows = await self._connection.fetch(_SOME, wanted) if wanted else []
        stored = [StoredEvent(*row) for row in rows]
        fold = Fold(Findings(lambda _finding: None))
        try:
            recorded = await self._mapper.decode(stored)
        except (UnreadableEvent, WrongMasterKey):
            recorded = []
            for event in stored:
                try:
                    recorded += await self._mapper.decode([event])
                except (UnreadableEvent, WrongMasterKey):
                    fold.spoil(event.stream_id)
        folded = {one.id: one for one in (*fold.take(recorded), *fold.end())}
        self._unreadable.update({event.stream_id for event in stored} - folded.keys())
        return folded


def _given_back(key: Key) -> bool:
    """Tell whether a claim is released by whoever needs it no more; codes of actions are kept."""
    return HOLDERS.get(key[0]) is not Action
