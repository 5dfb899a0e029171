"""The challenge of Rouen as the demo tells it: six workshops, and whom it wants to reach."""

from typing import Any

import httpx
import pytest
from icalendar import Calendar

from tests.end_to_end.running import Running


@pytest.fixture(scope="module")
def rouen(demo: Running) -> Any:
    """What can be asked of the challenge."""
    query = """
    { challenges { nodes {
      name startsOn endsOn host { name } territory { key }
      targets { audience people approximate }
      workshops { nodes { starts ends startsAt endsAt place seats taken audience status } }
    } } }
    """
    (challenge,) = demo.ask(query)["challenges"]["nodes"]
    return challenge


def test_about_a_thousand_citizens_and_as_many_of_the_staff_are_wanted_over_two_years(
    rouen: Any,
) -> None:
    assert (rouen["startsOn"], rouen["endsOn"]) == ("2025-01-01", "2026-12-31")
    assert rouen["targets"] == [
        {"audience": audience, "people": 1000, "approximate": True}
        for audience in ("CITIZENS", "STAFF")
    ]
    assert rouen["host"]["name"] == "Métropole Rouen Normandie"


def test_six_public_workshops_of_2025_have_their_places_and_local_hours(rouen: Any) -> None:
    workshops = rouen["workshops"]["nodes"]
    pavilion = "Pavillon des transitions"
    assert [(one["starts"], one["ends"][-5:], one["place"]) for one in workshops] == [
        ("2025-02-18T17:30", "20:30", "Le 108, salle Joséphine Baker"),
        ("2025-03-16T14:00", "17:00", pavilion),
        ("2025-03-30T14:00", "17:00", pavilion),
        ("2025-04-30T14:30", "17:30", pavilion),
        ("2025-05-24T14:00", "17:00", pavilion),
        ("2025-06-04T14:30", "17:30", pavilion),
    ]
    assert {(one["seats"], one["taken"], one["audience"]) for one in workshops} == {
        (15, 0, "CITIZENS")
    }


def test_the_workshop_on_the_day_of_the_change_of_clocks_is_two_hours_ahead_of_utc(
    rouen: Any,
) -> None:
    hours = {one["starts"][:10]: one["startsAt"][11:16] for one in rouen["workshops"]["nodes"]}
    assert (hours["2025-03-16"], hours["2025-03-30"]) == ("13:00", "12:00")


def test_the_city_has_a_calendar_that_a_program_reads(demo: Running) -> None:
    response = httpx.get(f"{demo.url}/calendar/epci:200023414.ics")
    events: Any = Calendar.from_ical(response.content).events
    assert len(events) == 6
    (change,) = (one for one in events if one.start.date().isoformat() == "2025-03-30")
    assert change.start.utcoffset() == change.start.dst() * 2
