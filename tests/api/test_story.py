"""From command to query, through everything that serves: what people come to ask."""

import asyncio

from tests.api.calling import Caller
from tests.api.socket import connected


async def test_who_of_a_network_has_been_through_a_cohort_and_where(caller: Caller) -> None:
    ouest = await caller.make(
        "OpenCohort", name="CEC Ouest 2023", territories=["region:52", "region:53"]
    )
    for name, territory, taken in (
        ("Air Breizh", "region:53", True),
        ("Atmo Normandie", "region:28", False),
        ("Air Pays de la Loire", "region:52", True),
    ):
        organisation = await caller.organisation(name, territory)
        await caller.do("JoinNetwork", organisation=organisation, network="AASQA")
        if taken:
            await caller.enrol(ouest, organisation)
    found = await caller.ask(
        """
        { network(name: "aasqa") { memberships { nodes { organisation {
            name
            enrolments { nodes { standing cohort { name territories { territory { name } } } } }
        } } } } }
        """
    )
    members = [node["organisation"] for node in found["network"]["memberships"]["nodes"]]
    been = {
        member["name"]: [
            place["territory"]["name"]
            for enrolment in member["enrolments"]["nodes"]
            for place in enrolment["cohort"]["territories"]
        ]
        for member in members
    }
    assert been == {
        "Air Breizh": ["Pays de la Loire", "Bretagne"],
        "Air Pays de la Loire": ["Pays de la Loire", "Bretagne"],
        "Atmo Normandie": [],
    }


async def test_a_roadmap_is_read_with_its_levers_and_objectives_in_order(caller: Caller) -> None:
    roadmap = await _roadmap(caller)
    found = await caller.ask(
        "query($id: ID!) {roadmap(id: $id) {status title newCourse organisation {name}"
        " cohort {name} levers {title objectives {wording scope target dueYear}}"
        " submissions {number submittedOn levers {title objectives {wording}}}}}",
        id=roadmap,
    )
    assert found["roadmap"] == {
        "status": "SUBMITTED",
        "title": None,
        "newCourse": "Un territoire vivant",
        "organisation": {"name": "Association"},
        "cohort": {"name": "CEC Ouest 2023"},
        "levers": [
            {
                "title": f"Levier {number}",
                "objectives": [
                    {
                        "wording": f"Objectif {number}",
                        "scope": "LOCAL",
                        "target": "12.50",
                        "dueYear": 2030,
                    }
                ],
            }
            for number in (2, 1)
        ],
        "submissions": [
            {
                "number": 1,
                "submittedOn": "2023-12-10",
                "levers": [
                    {"title": f"Levier {n}", "objectives": [{"wording": f"Objectif {n}"}]}
                    for n in (2, 1)
                ],
            }
        ],
    }


async def test_lineage_is_followed_from_cohort_to_lever_to_new_cohort_and_back(
    caller: Caller,
) -> None:
    roadmap = await _roadmap(caller)
    levers = "query($id: ID!) {roadmap(id: $id) {cohort {id} levers {id}}}"
    found = (await caller.ask(levers, id=roadmap))["roadmap"]
    lever = found["levers"][0]["id"]
    new = await caller.make(
        "OpenCohort",
        name="CEC Vendée",
        territories=["departement:85"],
        springsFromCohort=found["cohort"]["id"],
        springsFromRoadmap=roadmap,
        springsFromLever=lever,
    )
    vendee = {"name": "CEC Vendée"}
    forward = await caller.ask(
        "query($id: ID!) {cohort(id: $id) {roadmaps {nodes {levers {title"
        " launchedCohorts {nodes {name}}}}} launchedCohorts {nodes {name}}}}",
        id=found["cohort"]["id"],
    )
    assert forward["cohort"] == {
        "roadmaps": {
            "nodes": [
                {
                    "levers": [
                        {
                            "title": "Levier 2",
                            "launchedCohorts": {"nodes": [{"name": "CEC Vendée"}]},
                        },
                        {"title": "Levier 1", "launchedCohorts": {"nodes": []}},
                    ]
                }
            ]
        },
        "launchedCohorts": {"nodes": [vendee]},
    }
    back = await caller.ask(
        "query($id: ID!) {cohort(id: $id) {springsFromLever {title roadmap {id cohort {name}"
        " organisation {name}}} springsFromCohort {name}}}",
        id=new,
    )
    assert back["cohort"] == {
        "springsFromLever": {
            "title": "Levier 2",
            "roadmap": {
                "id": roadmap,
                "cohort": {"name": "CEC Ouest 2023"},
                "organisation": {"name": "Association"},
            },
        },
        "springsFromCohort": {"name": "CEC Ouest 2023"},
    }


async def test_all_cohorts_are_told_with_their_sessions_in_order(caller: Caller) -> None:
    cohort = await caller.make("OpenCohort", name="CEC Normandie", territories=["region:28"])
    for number, month in ((1, "2025-12"), (2, "2026-02")):
        await caller.do("ScheduleSession", cohort=cohort, number=number, expectedMonth=month)
    found = await caller.ask(
        "{cohorts {nodes {name status sessions {number expectedMonth status}}}}"
    )
    assert found["cohorts"]["nodes"] == [
        {
            "name": "CEC Normandie",
            "status": "OPEN",
            "sessions": [
                {"number": 1, "expectedMonth": "2025-12", "status": "SCHEDULED"},
                {"number": 2, "expectedMonth": "2026-02", "status": "SCHEDULED"},
            ],
        }
    ]


async def test_a_full_cohort_refuses_in_french_and_in_english(caller: Caller) -> None:
    cohort = await caller.make("OpenCohort", name="Petite", territories=["region:28"], capacity=1)
    first, second = [await caller.organisation(name, "region:28") for name in ("Une", "Deux")]
    await caller.enrol(cohort, first)
    for command in ("ApplyToCohort", "AdmitOrganisation"):
        await caller.do(command, cohort=cohort, organisation=second)
    messages = []
    for language in ("fr", "en"):
        refused = await caller.attempt(
            "EnrolOrganisation", language, cohort=cohort, organisation=second
        )
        assert (refused["__typename"], refused["code"]) == ("CohortFull", "COHORT_FULL")
        messages.append(refused["message"])
    assert len(set(messages)) == 2


async def test_a_repeated_command_is_done_once_and_answered_alike(caller: Caller) -> None:
    given = {
        "name": "Une",
        "kind": "UNION",
        "commandId": "0190f1a2-0000-7000-8000-000000000001",
    }
    first = await caller.make("RegisterOrganisation", **given)
    assert await caller.make("RegisterOrganisation", **given) == first
    reused = await caller.attempt("RegisterOrganisation", **{**given, "name": "Autre"})
    assert (reused["code"], reused["path"]) == ("COMMAND_REUSED", ["input", "commandId"])
    assert (await caller.ask("{organisations {totalCount}}"))["organisations"]["totalCount"] == 1


async def test_a_stale_version_is_refused(caller: Caller) -> None:
    organisation = await caller.organisation("Une", "region:28")
    await caller.do("RenameOrganisation", organisation=organisation, name="Deux", expectedVersion=1)
    stale = await caller.attempt(
        "RenameOrganisation", organisation=organisation, name="Trois", expectedVersion=1
    )
    assert (stale["code"], stale["path"]) == ("STALE_VERSION", ["input", "expectedVersion"])


async def test_fifty_at_once_get_the_places_that_there_are(caller: Caller) -> None:
    cohort = await caller.make("OpenCohort", name="Dix", territories=["region:28"], capacity=10)
    organisations = [await caller.organisation(f"N° {n}", "region:28") for n in range(50)]
    for organisation in organisations:
        for command in ("ApplyToCohort", "AdmitOrganisation"):
            await caller.do(command, cohort=cohort, organisation=organisation)
    results = await asyncio.gather(
        *(
            caller.attempt("EnrolOrganisation", cohort=cohort, organisation=organisation)
            for organisation in organisations
        )
    )
    names = [result["__typename"] for result in results]
    assert names.count("EnrolOrganisationSuccess") == 10
    assert set(names) == {"EnrolOrganisationSuccess", "CohortFull"}


async def test_a_subscriber_misses_nothing_and_hears_nothing_twice(caller: Caller) -> None:
    query = "subscription($after: Position) {events(after: $after) {position type}}"
    await caller.organisation("Une", "region:28")
    heard = []
    async with connected(caller.app) as socket:
        await socket.subscribe("a", query, after="0")
        heard.append((await socket.next("a"))["data"]["events"])
        await caller.organisation("Deux", "region:28")
        heard.append((await socket.next("a"))["data"]["events"])
    await caller.organisation("Trois", "region:28")
    async with connected(caller.app) as socket:
        await socket.subscribe("a", query, after=heard[-1]["position"])
        heard.append((await socket.next("a"))["data"]["events"])
    assert heard == [
        {"position": str(position), "type": "organisation.registered"} for position in (1, 2, 3)
    ]


async def _roadmap(caller: Caller) -> str:
    cohort = await caller.make("OpenCohort", name="CEC Ouest 2023", territories=["region:52"])
    organisation = await caller.organisation("Association", "region:52")
    await caller.enrol(cohort, organisation)
    roadmap = await caller.make(
        "DraftRoadmap", organisation=organisation, cohort=cohort, horizon=2030
    )
    await caller.do("AskGenerativeQuestion", roadmap=roadmap, text="Et si ?")
    await caller.do("SetNewCourse", roadmap=roadmap, text="Un territoire vivant")
    levers = []
    for number in (1, 2):
        lever = await caller.make("AddLever", roadmap=roadmap, title=f"Levier {number}")
        levers.append(lever)
        await caller.do(
            "AddObjective",
            roadmap=roadmap,
            lever=lever,
            wording=f"Objectif {number}",
            scope="LOCAL",
            target="12.50",
            dueYear=2030,
        )
    await caller.do("ReorderLevers", roadmap=roadmap, levers=levers[::-1])
    await caller.do("SubmitRoadmap", roadmap=roadmap, submittedOn="2023-12-10")
    return roadmap
