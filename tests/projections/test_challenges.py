"""Given what happened to challenges, when it is folded, then this can be read."""

from datetime import date

from domain.challenge import CloseChallenge, ParticipantAudience, SetParticipantTarget
from domain.organisation import MergeOrganisation, OrganisationKind, RegisterOrganisation
from projections.challenges import (
    CHALLENGES,
    ChallengeRow,
    ChallengeStatus,
    ParticipantTargetRow,
)
from tests.domain.challenges import ROUEN
from tests.history import AT
from tests.projections.folding import only
from tests.projections.test_workshops import Told


def test_an_open_challenge_can_be_read_with_all_that_is_known() -> None:
    told = Told()
    row = only(told.rows(CHALLENGES), ChallengeRow)
    assert (row.id, row.version, row.opened_at) == (told.challenge, 1, AT)
    assert (row.name_key, row.territory_key) == ("challenge 2 tonnes", ROUEN)
    assert (row.starts_on, row.ends_on) == (date(2025, 1, 1), date(2026, 12, 31))
    assert (row.status, row.host_id) == (ChallengeStatus.OPEN, told.host)


def test_a_target_is_the_one_that_was_set_last() -> None:
    told = Told()
    for people, reason in ((1_000, None), (1_200, "Plus de communes")):
        audience = ParticipantAudience.STAFF
        told.do(
            SetParticipantTarget(
                challenge=told.challenge, audience=audience, people=people, reason=reason
            )
        )
    row = only(told.rows(CHALLENGES), ParticipantTargetRow)
    assert (row.people, row.changed_because) == (1_200, "Plus de communes")


def test_a_closed_challenge_says_why() -> None:
    told = Told()
    told.do(CloseChallenge(challenge=told.challenge, reason="Fin du financement"))
    row = only(told.rows(CHALLENGES), ChallengeRow)
    assert (row.status, row.closed_because) == (ChallengeStatus.CLOSED, "Fin du financement")


def test_a_challenge_follows_the_organisation_in_which_its_host_went_up() -> None:
    told = Told()
    kind = OrganisationKind.PUBLIC_AUTHORITY
    survivor = told.do(RegisterOrganisation(name="Nouvelle métropole", kind=kind)).id
    told.do(MergeOrganisation(organisation=told.host, into=survivor))
    assert only(told.rows(CHALLENGES), ChallengeRow).host_id == survivor
