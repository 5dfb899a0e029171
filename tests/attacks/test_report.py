"""Reports of roadmaps: whoever may not see one gets none, and nothing of it in another's."""

from http import HTTPStatus

import pytest

from domain.role import Role, ScopeKind
from tests.attacks.test_sight import SEEN_BY
from tests.attacks.town import ANYBODY, Persona, Town


def report(town: Town, roadmap: str, by: Persona) -> tuple[int, str]:
    """Ask for a report as somebody."""
    proof = {} if by.token is None else {"authorization": f"Bearer {by.token}"}
    response = town.run(town.http.get(f"/reports/roadmap/{roadmap}.html", headers=proof))
    return response.status_code, response.text


def test_whoever_may_not_see_a_draft_gets_no_report_of_it(town: Town) -> None:
    draft = town.here.ids["draft"]
    for persona in town.personas:
        if persona.role is None or persona.place is None:
            continue
        if persona.realm is not town.here:
            continue
        status, text = report(town, draft, persona)
        sees = (persona.role, persona.place) in SEEN_BY["draft"]
        assert (status == HTTPStatus.OK) is sees, (persona, text[:300])


def test_what_coaches_say_among_themselves_is_in_nobody_else_s_report(town: Town) -> None:
    draft = town.here.ids["draft"]
    coach, stranger = (
        next(
            persona
            for persona in town.personas
            if (persona.role, persona.place, persona.realm) == (role, ScopeKind.COHORT, realm)
        )
        for role, realm in (
            (Role.FACILITATOR, town.here),
            (Role.FACILITATOR, town.elsewhere),
        )
    )
    assert "Entre nous" in report(town, draft, coach)[1]
    assert report(town, draft, stranger)[0] == HTTPStatus.NOT_FOUND
    assert report(town, draft, ANYBODY)[0] == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("proof", ["Bearer nonsense", "Basic eDp4"])
def test_credentials_that_prove_nothing_get_nothing(town: Town, proof: str) -> None:
    published = town.here.ids["published"]
    headers = {"authorization": proof}
    answer = town.run(town.http.get(f"/reports/roadmap/{published}", headers=headers))
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
