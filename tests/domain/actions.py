"""Actions to start from, and ways to see what became of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.alliance import LaunchAlliance
from domain.budget import BudgetBasis, BudgetLine
from domain.identity import Id
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.ownership import ActionOwner
from domain.progress import ExecutionStatus
from domain.refusal import Refusal
from domain.sheet import Classification, Wording
from tests.domain.given import settled
from tests.domain.work import NOW, Memory

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)
LAST_YEAR = date(2025, 12, 31)

ALLIANCE, ROADMAP, LEVER = uuid4(), uuid4(), uuid4()
OWN = ActionOwner(alliance=ALLIANCE)
GEOTHERMAL = "Mettre en place une animation régionale sur la géothermie"


def proposed(
    *,
    owner: ActionOwner = OWN,
    title: str = GEOTHERMAL,
    classification: Classification | None = None,
    code: str | None = None,
) -> Action:
    return settled(
        Action.propose(
            uuid4(),
            now=NOW,
            owner=owner,
            wording=Wording(title=title),
            classification=classification,
            code=code,
        )
    )


def under_way() -> Action:
    action = proposed()
    action.change_status(ExecutionStatus.UNDER_WAY)
    return settled(action)


def done(finished_on: date = LAST_YEAR) -> Action:
    action = under_way()
    action.finish(finished_on)
    return settled(action)


def abandoned() -> Action:
    action = under_way()
    action.abandon("Sans porteur", LAST_YEAR)
    return settled(action)


def amount(value: str, **fields: Any) -> BudgetLine:
    given: dict[str, Any] = {"amount": Decimal(value), "basis": BudgetBasis.BEFORE_TAX, **fields}
    return BudgetLine(**given)


def facts(action: Action) -> list[tuple[str, dict[str, Any]]]:
    """What was recorded since: each event's name with its own fields."""
    envelope = {"originator_id", "originator_version", "timestamp", "originator_topic"}
    return [
        (
            type(event).__name__,
            {k: v for k, v in msgspec.structs.asdict(event).items() if k not in envelope},
        )
        for event in action.pending_events
        if isinstance(event, AggregateEvent)
    ]


def names(action: Action) -> list[str]:
    return [name for name, _ in facts(action)]


@contextmanager
def refused(
    action: Action, kind: type[Refusal], path: str | None = None
) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """The decision is refused for this reason, and leaves no trace."""
    state, recorded = deepcopy(action.state()), len(action.pending_events)
    with pytest.raises(kind) as caught:
        yield caught
    assert action.state() == state
    assert len(action.pending_events) == recorded
    if path is not None:
        assert caught.value.path == path
    assert caught.value.message("fr") != caught.value.message("en")


# by command


class Told(Memory):
    """A memory in which stories are told by commands."""

    def alliance(self, name: str = "COP normande", territory: str = "region:28") -> Id:
        return self.do(LaunchAlliance(name=name, territory=territory)).id

    def organisation(self, name: str) -> Id:
        kind = OrganisationKind.PUBLIC_AUTHORITY
        return self.do(RegisterOrganisation(name=name, kind=kind)).id

    def action(self, id: Id) -> Action:
        found = self.find(Action, UUID(hex=id.partition("_")[2]))
        assert found is not None
        return found

    def refuses(self, command: Any, kind: type[Refusal], path: str | None = None) -> Refusal:
        """The command is refused for a reason that it declares, and nothing is stored."""
        before = {stream: len(events) for stream, events in self.streams.items()}
        with pytest.raises(kind) as caught:
            self.do(command)
        assert kind in command.REFUSES
        assert {stream: len(events) for stream, events in self.streams.items()} == before
        if path is not None:
            assert caught.value.path == path
        return caught.value
