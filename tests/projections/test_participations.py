"""Given who came, when it is folded, then it stands beside who is to come."""

from domain.challenge import SetParticipantTarget
from domain.hosting import CorrectTurnout
from projections.participations import PARTICIPATIONS, ParticipationRow
from tests.projections.challenge_year import CITIZENS, STAFF, ChallengeYear
from tests.projections.folding import folded, shown


def test_who_came_stands_beside_who_is_to_come() -> None:
    year = ChallengeYear()
    year.do(SetParticipantTarget(challenge=year.challenge, audience=CITIZENS, people=900))
    year.do(SetParticipantTarget(challenge=year.challenge, audience=CITIZENS, people=1000))
    year.do(SetParticipantTarget(challenge=year.challenge, audience=STAFF, people=800))
    workshop = year.held(STAFF)
    rows = [
        (row.audience, row.workshop_id, row.came, row.target)
        for row in shown(folded(PARTICIPATIONS, *year.events), ParticipationRow)
    ]
    assert sorted(rows, key=str) == sorted(
        [
            (CITIZENS, None, None, 1000),
            (STAFF, None, None, 800),
            (CITIZENS, year.workshop, None, None),
            (STAFF, workshop, 40, None),
        ],
        key=str,
    )


def test_a_corrected_number_replaces_the_first() -> None:
    year = ChallengeYear()
    workshop = year.held()
    year.do(CorrectTurnout(workshop=workshop, came=38, absent=2, reason="Recompté"))
    row = folded(PARTICIPATIONS, *year.events).get(ParticipationRow, workshop)
    assert row is not None
    assert (row.came, row.challenge_id) == (38, year.challenge)
