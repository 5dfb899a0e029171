"""The alliance of Clermont as the demo tells it: its members, its sessions, what it measures."""

from typing import Any

import pytest

from tests.end_to_end.running import Running


@pytest.fixture(scope="module")
def clermont(demo: Running) -> Any:
    """What can be asked of the alliance."""
    query = """
    { alliances(first: 5) { nodes {
      name kind status launchedOn horizon
      territory { key }
      members(first: 100) { totalCount nodes { kind organisation { name kind } } }
      memberCounts { kind count approximate }
      themes {
        theme title
        meetings { totalCount nodes { kind status } }
        experts { organisation { name } }
        indicators { nodes { name unit direction } }
      }
      meetings(first: 100) { totalCount nodes { kind day notBefore notAfter heldOn theme } }
      surveys { title questions { number text } }
    } } }
    """
    found = demo.ask(query)["alliances"]["nodes"]
    (alliance,) = (one for one in found if one["kind"] == "ALLIANCE")
    return alliance


def test_the_alliance_was_launched_in_february_2024_for_2026(clermont: Any) -> None:
    assert clermont["name"] == "Alliance pour la transition écologique et solidaire"
    assert (clermont["launchedOn"], clermont["horizon"]) == ("2024-02-06", 2026)


def test_some_forty_members_of_many_kinds_work_beside_the_city_and_its_conurbation(
    clermont: Any,
) -> None:
    (counted,) = clermont["memberCounts"]
    members = clermont["members"]
    assert members["totalCount"] + counted["count"] == 40 + 2
    assert counted["approximate"]
    assert len({member["organisation"]["kind"] for member in members["nodes"]}) >= 5


def test_16_sessions_are_3_2_3_2_2_2_2_by_theme_and_the_closing_meeting_is_apart(
    clermont: Any,
) -> None:
    by_theme = {theme["theme"]: theme["meetings"]["totalCount"] for theme in clermont["themes"]}
    assert by_theme == {
        "GREENHOUSE_GASES": 3,
        "LAND_TAKE": 2,
        "BIODIVERSITY": 3,
        "AIR_QUALITY": 2,
        "CLIMATE_ADAPTATION": 2,
        "WATER": 2,
        "SOLIDARITY": 2,
    }
    meetings = clermont["meetings"]["nodes"]
    sessions = [one for one in meetings if one["kind"] == "WORKING_SESSION"]
    assert len(sessions) == sum(by_theme.values()) == 16
    assert {(one["notBefore"], one["notAfter"]) for one in sessions} == {
        ("2024-03-11", "2025-06-02")
    }
    (closing,) = (one for one in meetings if one["kind"] == "CLOSING")
    assert (closing["heldOn"], closing["theme"]) == ("2025-06-17", None)


def test_the_air_quality_agency_helps_with_its_theme(demo: Running, clermont: Any) -> None:
    (air,) = (theme for theme in clermont["themes"] if theme["theme"] == "AIR_QUALITY")
    (expert,) = air["experts"]
    assert expert["organisation"]["name"] == "Atmo Auvergne-Rhône-Alpes"
    registered = demo.ask("{ organisations(first: 100) { nodes { name } } }")["organisations"]
    names = [one["name"] for one in registered["nodes"]]
    assert names.count("Atmo Auvergne-Rhône-Alpes") == 1


def test_what_is_measured_has_the_units_of_the_source(clermont: Any) -> None:
    units = {
        indicator["unit"]
        for theme in clermont["themes"]
        for indicator in theme["indicators"]["nodes"]
    }
    assert units == {"t CO2e", "t", "m³"}
