"""An alliance from command to query: what its members come to do, and what they are told."""

from typing import Any

import pytest

from tests.api.calling import Caller

CLERMONT = "epci:246300701"
ATMO = {"producer": "Atmo", "method": "Inventaire", "edition": "2025"}
IN_2024 = {"startsOn": "2024-01-01", "endsOn": "2024-12-31", "source": ATMO}


@pytest.fixture
async def alliance(caller: Caller) -> str:
    """An alliance that works on water."""
    launched = await caller.make("LaunchAlliance", name="Alliance", territory=CLERMONT)
    await caller.do("OpenTheme", alliance=launched, theme="WATER")
    return launched


async def joined(caller: Caller, alliance: str, name: str) -> str:
    """An organisation that is a member."""
    organisation = await caller.organisation(name, "region:84")
    await caller.do("JoinAlliance", alliance=alliance, organisation=organisation)
    return organisation


async def refused(caller: Caller, command: str, **given: Any) -> tuple[str, list[str]]:
    """Give a command that must be refused, and tell with which code and at what."""
    result = await caller.attempt(command, **given)
    return result["code"], result["path"]


async def test_a_member_reads_what_it_gives_and_its_organisation_knows_the_alliance(
    caller: Caller, alliance: str
) -> None:
    member = await joined(caller, alliance, "Auvergne Habitat")
    given = {"alliance": alliance, "organisation": member, "theme": "WATER"}
    await caller.do("CommitToTheme", **given, contributions=["KNOWLEDGE", "MEASUREMENT"])
    query = """query($id: ID!) { organisation(id: $id) { alliances { nodes {
      alliance { name } commitments { theme contribution }
    } } } }"""
    (found,) = (await caller.ask(query, id=member))["organisation"]["alliances"]["nodes"]
    assert found["alliance"]["name"] == "Alliance"
    assert [one["contribution"] for one in found["commitments"]] == ["KNOWLEDGE", "MEASUREMENT"]


async def test_an_outsider_neither_commits_nor_scores(caller: Caller, alliance: str) -> None:
    outsider = await caller.organisation("Ailleurs", "region:28")
    asked = {"alliance": alliance, "title": "Leviers", "criteria": [{"name": "Impact"}]}
    prioritisation = await caller.make("OpenPrioritisation", **asked)
    there = {"alliance": alliance, "prioritisation": prioritisation}
    option = await caller.make("AddOption", **there, title="L’eau")
    criterion = await caller.make("AddCriterion", **there, name="Élan")
    scoring = {**there, "option": option, "criterion": criterion, "organisation": outsider}
    assert (await refused(caller, "ScoreOption", **scoring, score=3))[0] == "NOT_A_MEMBER"
    committing = {"alliance": alliance, "organisation": outsider, "theme": "WATER"}
    code = await refused(caller, "CommitToTheme", **committing, contributions=["ACTION"])
    assert code[0] == "NOT_A_MEMBER"


async def test_a_theme_that_is_not_open_is_named_in_the_language_of_the_caller(
    caller: Caller, alliance: str
) -> None:
    given = {"alliance": alliance, "theme": "AIR_QUALITY", "number": 1}
    french = await caller.attempt("ScheduleMeeting", "fr", **given)
    assert french["code"] == "THEME_NOT_OPEN"
    assert "« qualité de l’air »" in french["message"]


async def test_a_survey_takes_answers_on_its_days_only(caller: Caller, alliance: str) -> None:
    member = await joined(caller, alliance, "Auvergne Habitat")
    opened = await caller.make(
        "OpenSurvey",
        alliance=alliance,
        title="Recensement",
        opensOn="2024-02-06",
        closesOn="2024-03-11",
        questions=["Quelles actions menez-vous ?"],
    )
    query = "query($id: ID!) { node(id: $id) { ... on Survey { questions { id answers { nodes { text organisation { name } supersededAt } } } } } }"  # noqa: E501
    (question,) = (await caller.ask(query, id=opened))["node"]["questions"]
    answering = {"alliance": alliance, "survey": opened, "organisation": member}

    def answers(text: str) -> list[dict[str, str]]:
        return [{"question": question["id"], "text": text}]

    for day, code in (("2024-02-05", "SURVEY_NOT_OPEN_YET"), ("2024-03-12", "SURVEY_OVER")):
        given = {**answering, "answers": answers("Tard"), "answeredOn": day}
        assert (await refused(caller, "AnswerSurvey", **given))[0] == code
    for text in ("Un plan vélo", "Deux plans vélo"):
        given = {**answering, "answers": answers(text), "answeredOn": "2024-03-11"}
        await caller.do("AnswerSurvey", **given)
    (question,) = (await caller.ask(query, id=opened))["node"]["questions"]
    first, last = question["answers"]["nodes"]
    assert (first["text"], last["text"]) == ("Un plan vélo", "Deux plans vélo")
    assert first["supersededAt"] is not None
    assert last["supersededAt"] is None


async def test_an_indicator_is_followed_across_alliances_by_its_code(
    caller: Caller, alliance: str
) -> None:
    other = await caller.make("LaunchAlliance", name="Ailleurs", territory="region:28")
    found = []
    for place, value in ((alliance, "900"), (other, "4000")):
        defined = await caller.make(
            "DefineIndicator",
            alliance=place,
            name="Oxydes d’azote",
            unit="t",
            direction="FALLING",
            code="nox",
        )
        of = {"alliance": place, "indicator": defined}
        await caller.do("RecordBaseline", **of, year=2019, value="5000")
        await caller.do("SetTarget", **of, dueYear=2030, value="600")
        await caller.make("ReportMeasurement", **of, **IN_2024, value=value)
        found.append(defined)
    query = """query($id: ID!) { node(id: $id) { ... on Indicator { acrossAlliances { nodes {
      alliance { name } whole { baseline latest target gap measurements { nodes { producer } } }
    } } } } }"""
    rows = (await caller.ask(query, id=found[0]))["node"]["acrossAlliances"]["nodes"]
    assert {row["alliance"]["name"]: row["whole"]["gap"] for row in rows} == {
        "Alliance": "-300",
        "Ailleurs": "-3400",
    }
    assert {row["whole"]["baseline"] for row in rows} == {"5000"}


async def test_a_value_of_another_dimension_and_a_correction_of_nothing_are_refused(
    caller: Caller, alliance: str
) -> None:
    defined = await caller.make(
        "DefineIndicator", alliance=alliance, name="Eau", unit="m³", direction="FALLING"
    )
    measuring = {"alliance": alliance, "indicator": defined, **IN_2024, "value": "12"}
    code = await refused(caller, "ReportMeasurement", **measuring, unit="t CO2e")
    assert code == ("UNIT_OF_ANOTHER_DIMENSION", ["input", "unit"])
    measured = await caller.make("ReportMeasurement", **measuring)
    correcting = {"alliance": alliance, "measurement": measured, "value": "12", "reason": "Rien"}
    assert (await refused(caller, "CorrectMeasurement", **correcting))[0] == "NOTHING_TO_CORRECT"
    await caller.do("CorrectMeasurement", **{**correcting, "value": "11"})
    query = "query($id: ID!) { node(id: $id) { ... on Measurement { value readings { value reason } } } }"  # noqa: E501
    found = (await caller.ask(query, id=measured))["node"]
    assert found["value"] == "11"
    assert [one["value"] for one in found["readings"]] == ["12", "11"]


async def test_a_decision_names_options_that_were_open(caller: Caller, alliance: str) -> None:
    asked = {"alliance": alliance, "title": "Leviers", "criteria": [{"name": "Impact"}]}
    prioritisation = await caller.make("OpenPrioritisation", **asked)
    there = {"alliance": alliance, "prioritisation": prioritisation}
    option = await caller.make("AddOption", **there, title="L’eau")
    nobody = "opt_" + "0" * 32
    deciding = {**there, "rationale": "Un écosystème favorable"}
    code = await refused(caller, "DecidePriorities", **deciding, options=[option, nobody])
    assert code == ("OPTION_NOT_OPEN", ["input", "options", "1"])
    await caller.do("DecidePriorities", **deciding, options=[option])
    query = "query($id: ID!) { node(id: $id) { ... on Prioritisation { rationale options { status rank } } } }"  # noqa: E501
    found = (await caller.ask(query, id=prioritisation))["node"]
    assert found["options"] == [{"status": "CHOSEN", "rank": 1}]


async def test_a_published_review_keeps_its_figures_and_their_position(
    caller: Caller, alliance: str
) -> None:
    review = await caller.make("OpenReview", alliance=alliance, year=2025)
    action = await caller.make("ProposeAction", alliance=alliance, title="Haies", code="1_112")
    finding = {"alliance": alliance, "review": review, "action": action, "theme": "WATER"}
    await caller.do("SetActionStanding", **finding, standing="RENEWED", progress=40)
    await caller.do("PublishReview", alliance=alliance, review=review)
    published = caller.position
    query = """query($id: ID!) { node(id: $id) { ... on Review {
      status findings { nodes { standing action { code } } }
      account { position actions renewed answered averageProgress themes { theme renewed } }
    } } }"""
    found = (await caller.ask(query, id=review))["node"]
    assert found["findings"]["nodes"] == [{"standing": "RENEWED", "action": {"code": "1_112"}}]
    assert (found["status"], found["account"]["position"]) == ("PUBLISHED", published)
    assert found["account"]["themes"] == [{"theme": "WATER", "renewed": 1}]
    code = await refused(caller, "SetActionStanding", **finding, standing="FINISHED")
    assert code[0] == "REVIEW_IS_PUBLISHED"
