"""Footprints for tests: people, batches of them, and what is recorded and withdrawn."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from domain.challenge import ParticipantAudience
from domain.footprint import (
    CalculationMethod,
    Commitments,
    Footprint,
    FootprintDomain,
    Tonnes,
    in_order_of_value,
)
from domain.footprint_batch import FootprintBatch

AT = datetime(2025, 3, 30, 18, 0, tzinfo=UTC)
CHALLENGE = UUID(int=1 << 100)
WORKSHOP = UUID(int=2 << 100)


def a_footprint(chance: Random) -> Footprint:
    """Make up a footprint of some 9 t today and some 3 t in 2050."""
    return Footprint(before=_tonnes(chance, 4.0), in_2050=_tonnes(chance, 1.3))


def people(number: int, seed: int = 0) -> list[Footprint]:
    """Make up the footprints of so many people."""
    chance = Random(seed)  # noqa: S311 - made-up data
    return [a_footprint(chance) for _ in range(number)]


def with_(footprint: Footprint, **before: str) -> Footprint:
    """Give a footprint with other values today."""
    values = {domain.lower(): value for domain, value in footprint.before.by_domain().items()}
    tonnes = Tonnes(**(values | {name: Decimal(value) for name, value in before.items()}))
    return Footprint(before=tonnes, in_2050=footprint.in_2050)


class Batches:
    """A history of batches in the making."""

    def __init__(self) -> None:
        self.events: list[FootprintBatch.Event] = []
        self._ids: Iterator[int] = iter(range(1, 1 << 20))

    def record(
        self,
        footprints: Sequence[Footprint],
        *,
        workshop: UUID = WORKSHOP,
        challenge: UUID = CHALLENGE,
        audience: ParticipantAudience = ParticipantAudience.CITIZENS,
        committed: Mapping[FootprintDomain, int] | None = None,
    ) -> UUID:
        """Record a batch and give its id."""
        id = UUID(int=next(self._ids))
        self.events.append(
            FootprintBatch.Recorded(
                originator_id=id,
                originator_version=1,
                originator_topic="footprint_batch",
                timestamp=AT,
                workshop=workshop,
                challenge=challenge,
                audience=audience,
                method=CalculationMethod.TWO_TONNES,
                method_version="2025.1",
                footprints=in_order_of_value(each.checked("footprint") for each in footprints),
                commitments=tuple(
                    Commitments(domain=domain, people=number)
                    for domain, number in (committed or {}).items()
                ),
            )
        )
        return id

    def withdraw(self, batch: UUID) -> None:
        """Withdraw a batch."""
        self.events.append(
            FootprintBatch.Withdrawn(
                originator_id=batch, originator_version=2, timestamp=AT, reason="Fichier inexact"
            )
        )


def _tonnes(chance: Random, most: float) -> Tonnes:
    def some() -> Decimal:
        return Decimal(str(round(chance.uniform(0.05, most), 3)))

    return Tonnes(
        housing=some(),
        mobility=some(),
        food=some(),
        goods=some(),
        public_services=Decimal("1.4") if most > 2 else Decimal("0.7"),
    )
