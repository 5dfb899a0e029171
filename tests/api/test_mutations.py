"""Mutations: read from their inputs, refused with types, answered at or after their position."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from api.ports import Done, ReadsUnavailable
from domain.cohort import OpenCohort
from domain.delegation import DelegateRole
from domain.identity import Id
from domain.lever import MeasureObjective
from domain.organisation import (
    OrganisationKind,
    RegisterOrganisation,
    RenameOrganisation,
    SirenTaken,
)
from domain.programme import ScheduleSession
from domain.refusal import Contended, StaleVersion
from tests.api.conftest import Client

ORG = Id(f"org_{1:032x}")
COMMAND_ID = "0190f1a2-0000-7000-8000-000000000001"

REGISTER = """
mutation Register($input: RegisterOrganisationInput!) {
  registerOrganisation(input: $input) {
    __typename
    ... on RegisterOrganisationSuccess { position version created organisation { name } }
    ... on Refusal { code message path }
  }
}
"""
"""Both a success and a refusal are asked for, as clients do."""


def done(position: int = 1, **fields: Any) -> Done:
    given = {"noun": "organisation", "id": ORG, "version": 1, "created": ORG, "duplicate": False}
    return Done(**{**given, **fields, "position": position})


async def insert(client: Client, name: str = "Atmo") -> None:
    await client.insert(
        "insert into organisation values ($1, 1, now(), now(), $2, lower($2), 'ASSOCIATION', null,"
        " null, null, null, false)",
        ORG,
        name,
    )


async def test_a_command_is_read_from_its_input_whole(client: Client) -> None:
    client.commands.answers = [done()]
    given = {
        "name": "Atmo",
        "kind": "ASSOCIATION",
        "territory": "region:28",
        "commandId": COMMAND_ID,
        "effectiveOn": "2025-12-01",
        "onBehalfOf": ORG,
        "reason": "why",
    }
    await client.ask(REGISTER, input=given)
    ((command, caller),) = client.commands.given
    assert isinstance(command, RegisterOrganisation)
    assert asdict(command) == {
        "name": "Atmo",
        "kind": OrganisationKind.ASSOCIATION,
        "siren": None,
        "rna": None,
        "territory": "region:28",
        "command_id": UUID(COMMAND_ID),
        "expected_version": None,
        "effective_on": date(2025, 12, 1),
        "on_behalf_of": ORG,
        "reason": "why",
    }
    assert caller.actor == "tests"


async def test_an_input_may_be_written_into_the_document(client: Client) -> None:
    client.commands.answers = [done(), done()]
    query = (
        'mutation {registerOrganisation(input: {name: "Atmo", kind: UNION})'
        " {... on RegisterOrganisationSuccess {version}}}"
    )
    for _ in range(2):
        assert await client.data(query) == {"registerOrganisation": {"version": 1}}
    assert client.commands.given[0][0] == RegisterOrganisation(
        name="Atmo", kind=OrganisationKind.UNION
    )


async def test_lists_and_values_of_commands_are_read_too(client: Client) -> None:
    client.commands.answers = [done(), done(), done(), done()]
    await client.data(
        "mutation($a: SetDelegationInput!, $b: OpenCohortInput!, $c: MeasureObjectiveInput!,"
        " $d: ScheduleSessionInput!) {"
        "setDelegation(input: $a) {__typename} openCohort(input: $b) {__typename}"
        " measureObjective(input: $c) {__typename} scheduleSession(input: $d) {__typename}}",
        a={
            "cohort": "coh_1",
            "organisation": ORG,
            "delegates": [
                {"role": "LEADER", "function": "directrice"},
                {"role": "PLANET_CHAMPION", "function": "chargée d’études", "contact": "ctc_1"},
            ],
        },
        b={"name": "CEC", "territories": ["region:28", "region:53"], "startsOn": "2025-12-04"},
        c={"roadmap": "map_1", "objective": "obj_1", "value": "12.50", "measuredOn": "2025-12-04"},
        d={"cohort": "coh_1", "number": 1, "expectedMonth": "2026-03", "days": 2},
    )
    delegation, opened, measured, scheduled = (command for command, _ in client.commands.given)
    assert [entry.role for entry in delegation.delegates] == [  # type: ignore[attr-defined]
        DelegateRole.LEADER,
        DelegateRole.PLANET_CHAMPION,
    ]
    assert opened == OpenCohort(
        name="CEC", territories=["region:28", "region:53"], starts_on=date(2025, 12, 4)
    )
    assert measured == MeasureObjective(
        roadmap=Id("map_1"),
        objective=Id("obj_1"),
        value=Decimal("12.50"),
        measured_on=date(2025, 12, 4),
    )
    assert scheduled == ScheduleSession(
        cohort=Id("coh_1"), number=1, expected_month="2026-03", days=2
    )


async def test_a_success_tells_what_became_of_the_command(client: Client) -> None:
    await insert(client)
    client.positions.at = 7
    client.commands.answers = [done(7)]
    response = await client.ask(REGISTER, input={"name": "Atmo", "kind": "ASSOCIATION"})
    assert response == {
        "data": {
            "registerOrganisation": {
                "__typename": "RegisterOrganisationSuccess",
                "position": "7",
                "version": 1,
                "created": ORG,
                "organisation": {"name": "Atmo"},
            }
        },
        "extensions": {"cost": {"asked": 103}, "position": "7"},
    }


async def test_a_refusal_is_typed_and_speaks_the_callers_language(client: Client) -> None:
    refusal = SirenTaken("siren", siren="552100554", organisation=ORG)
    client.commands.answers = [refusal, refusal]
    given = {"name": "Atmo", "kind": "ASSOCIATION", "siren": "552100554"}
    english = await client.data(REGISTER, input=given)
    assert english["registerOrganisation"] == {
        "__typename": "SirenTaken",
        "code": "SIREN_TAKEN",
        "message": refusal.message("en"),
        "path": ["input", "siren"],
    }
    french = await client.ask(REGISTER, headers={"accept-language": "fr-FR,en;q=0.5"}, input=given)
    assert french["data"]["registerOrganisation"]["message"] == refusal.message("fr")


async def test_the_path_of_a_refusal_is_spelled_as_the_input(client: Client) -> None:
    client.commands.answers = [StaleVersion("expected_version", expected=1, actual=2), Contended()]
    query = (
        "mutation($input: RenameOrganisationInput!) {renameOrganisation(input: $input)"
        " {... on StaleVersion {path} ... on Contended {path code}}}"
    )
    given = {"organisation": ORG, "name": "Atmo", "expectedVersion": 1}
    assert await client.data(query, input=given) == {
        "renameOrganisation": {"path": ["input", "expectedVersion"]}
    }
    assert await client.data(query, input=given) == {
        "renameOrganisation": {"path": ["input"], "code": "CONTENDED"}
    }


async def test_a_refusal_that_a_command_does_not_declare_is_a_fault(client: Client) -> None:
    client.commands.answers = [SirenTaken(siren="1", organisation=ORG)]
    query = (
        "mutation($input: RenameOrganisationInput!) {renameOrganisation(input: $input)"
        " {__typename}}"
    )
    response = await client.ask(query, input={"organisation": ORG, "name": "Atmo"})
    (error,) = response["errors"]
    assert response["data"] is None
    assert error["extensions"]["code"] == "FAULT"
    assert error["path"] == ["renameOrganisation"]


async def test_a_fault_is_masked_and_can_be_traced(client: Client) -> None:
    client.commands.answers = [RuntimeError("password=hunter2")]
    response = await client.ask(REGISTER, input={"name": "Atmo", "kind": "UNION"})
    (error,) = response["errors"]
    assert "hunter2" not in str(response)
    assert error["extensions"]["code"] == "FAULT"
    assert len(error["extensions"]["traceId"]) == 32


async def test_the_entity_is_read_once_the_read_model_is_there(client: Client) -> None:
    await insert(client)
    client.positions.at = 9
    client.commands.answers = [done(8)]
    await client.data(REGISTER, input={"name": "Atmo", "kind": "UNION"})
    assert client.positions.asked == []

    client.commands.answers = [done(10)]
    response = await client.ask(REGISTER, input={"name": "Atmo", "kind": "UNION"})
    assert client.positions.asked == [10]
    shown = response["data"]["registerOrganisation"]
    assert shown["organisation"] is None
    assert shown["position"] == "10"
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "POSITION_NOT_REACHED"
    assert error["path"] == ["registerOrganisation", "organisation"]
    assert response["extensions"]["position"] == "10"


async def test_nothing_is_waited_for_where_nothing_is_read(client: Client) -> None:
    client.commands.answers = [done(10)]
    query = REGISTER.replace("organisation { name }", "")
    response = await client.ask(query, input={"name": "Atmo", "kind": "UNION"})
    assert response["data"]["registerOrganisation"]["position"] == "10"
    assert response["extensions"]["position"] == "10"
    assert client.positions.asked == []


async def test_anything_else_can_be_asked_with_the_success(client: Client) -> None:
    await insert(client)
    client.commands.answers = [done(0)]
    query = (
        "mutation($input: RenameOrganisationInput!, $id: ID!, $n: Int) {"
        "renameOrganisation(input: $input) {... on RenameOrganisationSuccess {"
        "a: organisation {id} b: organisation {name} query {organisations(first: $n) {totalCount"
        ' nodes {name}} organisation(id: $id) {version} none: node(id: "x") {id}}}}}'
    )
    given = {"organisation": ORG, "name": "Atmo"}
    found = await client.data(query, input=given, id=ORG, n=1)
    assert found["renameOrganisation"] == {
        "a": {"id": ORG},
        "b": {"name": "Atmo"},
        "query": {
            "organisations": {"totalCount": 1, "nodes": [{"name": "Atmo"}]},
            "organisation": {"version": 1},
            "none": None,
        },
    }


async def test_what_only_resolvers_know_can_be_asked_with_the_success(client: Client) -> None:
    await insert(client)
    client.commands.answers = [done(0)]
    query = (
        "mutation($input: RenameOrganisationInput!) {renameOrganisation(input: $input) {"
        "__typename ... on RenameOrganisationSuccess {position version organisation {name}"
        " query {__typename enumerations {name} organisations {totalCount}}}}}"
    )
    found = await client.data(query, input={"organisation": ORG, "name": "Atmo"})
    assert client.commands.given[0][0] == RenameOrganisation(organisation=ORG, name="Atmo")
    shown = found["renameOrganisation"]
    assert shown["position"] == "0"
    assert shown["organisation"] == {"name": "Atmo"}
    assert shown["query"]["__typename"] == "Query"
    assert shown["query"]["organisations"] == {"totalCount": 1}


async def test_a_question_that_makes_no_sense_keeps_the_command_from_being_done(
    client: Client,
) -> None:
    query = (
        "mutation($input: RenameOrganisationInput!, $n: Int) {renameOrganisation(input: $input)"
        " {... on RenameOrganisationSuccess {query {organisations(first: $n) {totalCount}}}}}"
    )
    given = {"organisation": ORG, "name": "Atmo"}
    assert await client.code(query, input=given, n=101) == "PAGE_OUT_OF_BOUNDS"
    assert client.commands.given == []


async def test_mutations_of_one_request_are_done_in_order(client: Client) -> None:
    client.commands.answers = [done(1), SirenTaken(siren="1", organisation=ORG), done(3)]
    query = (
        "mutation($a: RegisterOrganisationInput!, $b: RegisterOrganisationInput!) {"
        "one: registerOrganisation(input: $a) {__typename}"
        " two: registerOrganisation(input: $b) {__typename}"
        " three: registerOrganisation(input: $a) {... on RegisterOrganisationSuccess {position}}}"
    )
    first, second = ({"name": name, "kind": "UNION"} for name in ("first", "second"))
    response = await client.ask(query, a=first, b=second)
    assert response["data"] == {
        "one": {"__typename": "RegisterOrganisationSuccess"},
        "two": {"__typename": "SirenTaken"},
        "three": {"position": "3"},
    }
    assert response["extensions"]["position"] == "3"
    names = [command.name for command, _ in client.commands.given]  # type: ignore[attr-defined]
    assert names == ["first", "second", "first"]


async def test_what_was_done_is_told_although_it_cannot_be_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_arguments: object) -> None:
        raise ReadsUnavailable

    monkeypatch.setattr(client.reads, "answer", away)
    client.commands.answers = [done(0)]
    response = await client.ask(REGISTER, input={"name": "Atmo", "kind": "UNION"})
    assert response["data"]["registerOrganisation"]["created"] == ORG
    assert response["data"]["registerOrganisation"]["organisation"] is None
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Atmo"},
        {"name": "Atmo", "kind": "CIRCUS"},
        {"name": 7, "kind": "UNION"},
        {"name": "Atmo", "kind": "UNION", "effectiveOn": "2025-02-30"},
        {"name": "Atmo", "kind": "UNION", "effectiveOn": "20250203"},
        {"name": "Atmo", "kind": "UNION", "commandId": "not a uuid"},
        {"name": "Atmo", "kind": "UNION", "expectedVersion": 2**40},
        {"name": "Atmo", "kind": "UNION", "colour": "blue"},
    ],
)
async def test_an_input_of_the_wrong_shape_never_becomes_a_command(
    client: Client, given: dict[str, Any]
) -> None:
    response = await client.ask(REGISTER, input=given)
    assert response.get("data") is None
    assert response["errors"]
    assert client.commands.given == []
