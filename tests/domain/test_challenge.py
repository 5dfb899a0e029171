"""Challenges: where and when they are, and whom they want to reach."""

from datetime import date
from typing import Any

import pytest

from domain.challenge import (
    AudienceTwice,
    Challenge,
    ChallengeClosed,
    CloseChallenge,
    OpenChallenge,
    OutsideChallenge,
    ParticipantAudience,
    ParticipantTarget,
    SetParticipantTarget,
)
from domain.organisation import DissolveOrganisation, OrganisationDissolved
from domain.refusal import (
    BlankText,
    ControlCharacters,
    DatesReversed,
    InvalidNumber,
    NotFound,
    TextTooLong,
    TooManyItems,
    WrongKindOfId,
)
from domain.territory import UnknownTerritory
from tests.domain.challenges import ROUEN, Pavilion
from tests.domain.given import BELL, LONG

CITIZENS, STAFF = ParticipantAudience.CITIZENS, ParticipantAudience.STAFF


def opening(**fields: Any) -> OpenChallenge:
    """A challenge of Rouen over two years."""
    given: dict[str, Any] = {
        "name": "Challenge 2 tonnes",
        "territory": ROUEN,
        "starts_on": date(2025, 1, 1),
        "ends_on": date(2026, 12, 31),
    }
    return OpenChallenge(**{**given, **fields})


def target(audience: ParticipantAudience, people: int) -> ParticipantTarget:
    """About so many people."""
    return ParticipantTarget(audience=audience, people=people, approximate=True)


def test_a_challenge_is_opened_with_a_target_for_each_audience() -> None:
    targets = [target(CITIZENS, 1_000), target(STAFF, 1_000)]
    (opened,) = Pavilion().send(opening(targets=targets))

    assert isinstance(opened, Challenge.Opened)
    assert (opened.territory, opened.targets) == (ROUEN, tuple(targets))


def test_two_targets_for_one_audience_are_refused() -> None:
    with pytest.raises(AudienceTwice) as refused:
        Pavilion().send(opening(targets=[target(STAFF, 1), target(STAFF, 2)]))

    assert refused.value.path == "targets.1.audience"


@pytest.mark.parametrize(
    ("field", "wrong", "refusal"),
    [
        ("name", " ", BlankText),
        ("name", LONG, TextTooLong),
        ("name", BELL, ControlCharacters),
        ("territory", "epci:1", UnknownTerritory),
        ("ends_on", date(2024, 12, 31), DatesReversed),
        ("starts_on", date(1025, 1, 1), InvalidNumber),
        ("ends_on", date(9999, 12, 31), InvalidNumber),
        ("targets", [target(STAFF, 0)], InvalidNumber),
        ("targets", [target(STAFF, 10**9)], InvalidNumber),
        ("targets", [target(STAFF, 1)] * 11, TooManyItems),
        ("host", "org_00000000000000000000000000000007", NotFound),
        ("host", "coh_00000000000000000000000000000007", WrongKindOfId),
    ],
)
def test_what_makes_no_sense_is_refused(field: str, wrong: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        Pavilion().send(opening(**{field: wrong}))


def test_an_organisation_that_is_gone_runs_no_challenge() -> None:
    world = Pavilion()
    world.send(DissolveOrganisation(organisation=world.host))
    with pytest.raises(OrganisationDissolved) as refused:
        world.send(opening(host=world.host))

    assert refused.value.path == "host"


def test_a_target_is_set_anew_and_repeating_it_records_nothing() -> None:
    world = Pavilion()
    more = SetParticipantTarget(challenge=world.challenge, audience=STAFF, people=1_200)

    (changed,) = world.send(more)
    assert isinstance(changed, Challenge.TargetSet)
    assert world.send(more) == []


def test_a_closed_challenge_takes_neither_a_target_nor_a_workshop() -> None:
    world = Pavilion()
    world.send(CloseChallenge(challenge=world.challenge, reason="Fin du financement"))

    assert world.send(CloseChallenge(challenge=world.challenge)) == []
    with pytest.raises(ChallengeClosed):
        world.send(SetParticipantTarget(challenge=world.challenge, audience=STAFF, people=1))
    with pytest.raises(ChallengeClosed):
        world.scheduled()


@pytest.mark.parametrize("day", ["2024-12-31", "2027-01-01"])
def test_a_workshop_lies_within_the_days_of_its_challenge(day: str) -> None:
    with pytest.raises(OutsideChallenge):
        Pavilion().scheduled(starts=f"{day}T14:00", ends=f"{day}T17:00")
