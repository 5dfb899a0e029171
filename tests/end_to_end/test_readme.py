"""The README's operations, run as they are printed there."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api import schema
from tests.end_to_end.running import Running

README = Path(__file__).parents[2] / "README.md"
OPERATIONS = re.findall(r"```graphql\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
DOCUMENTS = schema.create().documents
QUERIES = [operation for operation in OPERATIONS if operation.startswith("{")]
(MUTATION,) = (operation for operation in OPERATIONS if operation.startswith("mutation Register"))


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_answers(demo: Running, query: str) -> None:
    assert all(demo.ask(query).values())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_is_one_of_the_interface(operation: str) -> None:
    assert DOCUMENTS.get(operation).errors == []


def test_the_network_has_four_organisations_that_went_through_a_cohort(demo: Running) -> None:
    (query,) = (query for query in QUERIES if "aasqa" in query)
    members = demo.ask(query)["network"]["memberships"]["nodes"]
    cohorts = {
        member["organisation"]["name"]: [
            enrolment["cohort"]["territories"][0]["territory"]["name"]
            for enrolment in member["organisation"]["enrolments"]["nodes"]
        ]
        for member in members
    }
    assert cohorts == {
        "Atmo Normandie": ["Normandie"],
        "Atmo Auvergne-Rhône-Alpes": ["Auvergne-Rhône-Alpes"],
        "Atmo Hauts-de-France": ["Hauts-de-France"],
        "Atmo Sud": ["Provence-Alpes-Côte d’Azur"],
    }


def test_the_lineage_goes_from_cohort_to_roadmap_to_lever_to_cohort(demo: Running) -> None:
    (query,) = (query for query in QUERIES if "launchedCohorts" in query)
    cohorts = {cohort["name"]: cohort for cohort in demo.ask(query)["cohorts"]["nodes"]}
    lever = cohorts["CEC Pays de Vannes"]["springsFromLever"]
    assert lever["title"] == "Déployer une CEC Pays de Vannes"
    assert lever["roadmap"]["cohort"]["name"] == "CEC Ouest"
    assert cohorts["CEC Ouest"]["launchedCohorts"]["nodes"] == [{"name": "CEC Pays de Vannes"}]


def test_what_is_known_of_a_day_is_not_what_was_believed_then(demo: Running) -> None:
    (query,) = (query for query in QUERIES if "trueOn" in query)
    coordinator = demo.token("coordinator", "--cohort", "CEC Ouest")

    def known(day: str, as_of: str = "null") -> Any:
        asked = query.replace('"2024-01-15"', f'"{day}", asOf: {as_of}')
        return demo.ask(asked, token=coordinator)["trueOn"]["node"]

    then = f'{{ time: "{datetime.now(UTC).isoformat()}" }}'

    assert known("2023-12-09") is None
    assert known("2024-01-15")["status"] == "SUBMITTED"
    assert known("2024-01-15")["publishedSubmission"] is None
    assert known("2024-01-15", then) == known("2024-01-15")
    assert known("2024-04-29")["publishedSubmission"] == {"number": 1}


def test_the_mutation_is_done_and_then_refused(demo: Running) -> None:
    token = demo.token("operator")

    def register(name: str, language: str = "en") -> Any:
        done = demo.ask(MUTATION, language=language, token=token, name=name)
        return done["registerOrganisation"]

    done = register("Une entreprise")
    assert done["organisation"]["name"] == "Une entreprise"
    refused = register("Une autre", "fr")
    assert refused["code"] == "SIREN_TAKEN"
    assert refused["path"] == ["input", "siren"]
    assert "porte déjà le SIREN" in refused["message"]


def test_a_full_cohort_refuses_the_next_one_in_french_and_in_english(demo: Running) -> None:
    cohorts = demo.ask("{ cohorts { nodes { id name } } }")["cohorts"]["nodes"]
    (cohort,) = (c["id"] for c in cohorts if c["name"] == "CEC Normandie")
    organisations = demo.ask("{ organisations { nodes { id name } } }")["organisations"]["nodes"]
    (organisation,) = (o["id"] for o in organisations if o["name"] == "Atmo Sud")
    both = "input: {cohort: $cohort, organisation: $organisation}"
    operation = f"""
        mutation ($cohort: ID!, $organisation: ID!) {{
          applyToCohort({both}) {{ __typename }}
          admitOrganisation({both}) {{ __typename }}
          enrolOrganisation({both}) {{ ... on CohortFull {{ code message }} }}
        }}
    """
    coordinator = demo.token("coordinator", "--cohort", "CEC Normandie")
    given = {"cohort": cohort, "organisation": organisation, "token": coordinator}

    english = demo.ask(operation, **given)["enrolOrganisation"]
    french = demo.ask(operation, language="fr", **given)["enrolOrganisation"]

    assert english["code"] == french["code"] == "COHORT_FULL"
    assert "20 of its 20 places are taken" in english["message"]
    assert "20 de ses 20 places sont prises" in french["message"]
