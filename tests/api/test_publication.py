"""Public events: every fact is one or is declared internal, and what was promised is kept."""

import copy
from typing import Any

import jsonschema
import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from api.publication import asyncapi, shelf
from api.publication.catalogue import BY_TYPE, INTERNAL, PUBLISHED
from api.publication.cloud_event import batch, joined
from api.publication.detail import detail
from api.publication.page import page
from api.publication.published import Published
from api.publication.schemas import ENVELOPE, data_schema, event_schema
from domain.organisation import Organisation
from domain.personal import Personal
from tests.api.conftest import Client
from tests.golden.public_events import BASE, broken, golden, heard, lost, told
from tests.golden.samples import PLAIN, event_classes

ALL = pytest.mark.parametrize("public", PUBLISHED, ids=lambda public: public.type)
REGISTERED = BY_TYPE["fr.cordee.organisation.registered.v1"]
SOMEBODY = PLAIN[Personal].subject


def test_every_fact_is_published_or_declared_internal_with_its_reason() -> None:
    published = [public.event for public in PUBLISHED]
    assert len(set(published)) == len(published)
    assert set(published).isdisjoint(INTERNAL)
    assert {*published, *INTERNAL} == set(event_classes())
    assert all(INTERNAL.values())


@ALL
def test_every_public_event_has_a_title_in_both_languages(public: Published) -> None:
    assert public.english.endswith(".")
    assert public.french.endswith(".")
    assert public.english != public.french


@ALL
def test_what_was_released_is_told_as_it_was(public: Published) -> None:
    assert golden(public).exists(), "run python -m tests.golden.public_events"
    released = orjson.loads(golden(public).read_bytes())
    assert list(lost(released["event"], told(public))) == []
    assert list(broken(released["schema"], data_schema(public))) == []


def test_no_event_that_was_released_is_gone() -> None:
    released = {path.stem for path in golden(REGISTERED).parent.glob("*.json")}
    assert released <= BY_TYPE.keys()


def _without(schema: Any) -> None:
    del schema["properties"]["name"]


def _retyped(schema: Any) -> None:
    schema["properties"]["name"]["type"] = "integer"


def _null(schema: Any) -> None:
    schema["properties"]["name"]["type"] = ["string", "null"]


def _left_out(schema: Any) -> None:
    schema["required"].remove("name")


def _one_value_less(schema: Any) -> None:
    schema["properties"]["kind"]["x-extensible-enum"].pop()


def _written_otherwise(schema: Any) -> None:
    schema["properties"]["territory"]["pattern"] = "^[a-z]+$"


@pytest.mark.parametrize(
    "change", [_without, _retyped, _null, _left_out, _one_value_less, _written_otherwise]
)
def test_a_schema_that_breaks_its_promise_is_noticed(change: Any) -> None:
    today = copy.deepcopy(data_schema(REGISTERED))
    change(today["properties"]["details"])
    assert list(broken(data_schema(REGISTERED), today))


def test_a_schema_may_gain_fields_and_values() -> None:
    today = copy.deepcopy(data_schema(REGISTERED))
    details = today["properties"]["details"]
    details["properties"]["motto"] = {"type": "string"}
    details["required"].append("motto")
    details["properties"]["kind"]["x-extensible-enum"].append("ROPE")
    assert list(broken(data_schema(REGISTERED), today)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event["data"]["details"].pop("name"),
        lambda event: event.update(subject="another"),
        lambda event: event.update(subjectversion=True),
    ],
)
def test_an_event_that_is_told_otherwise_is_noticed(change: Any) -> None:
    today = told(REGISTERED)
    change(today)
    assert list(lost(told(REGISTERED), today))


@ALL
def test_an_event_is_as_its_schema_says(public: Published) -> None:
    schema = {"allOf": [ENVELOPE, event_schema(public, data_schema(public))]}
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(told(public))


@ALL
def test_the_library_of_the_specification_reads_an_event(public: Published) -> None:
    event = JSONFormat().read(CloudEvent, orjson.dumps(told(public)))
    assert event.get_specversion() == "1.0"
    assert event.get_type() == public.type
    assert event.get_id() == str(heard(public).recorded.event_id)
    assert int(event.get_extension("sequence")) == 17


@ALL
def test_no_event_says_what_people_are_called_or_why_it_was_done(public: Published) -> None:
    written = orjson.dumps(told(public)).decode()
    assert "Quelqu’un" not in written
    assert str(SOMEBODY) not in written
    assert SOMEBODY.hex not in written


def test_who_did_it_is_told_to_those_alone_who_may_know() -> None:
    assert told(REGISTERED)["actor"].startswith("prn_")
    assert "actor" not in told(REGISTERED, named=False)


def test_a_batch_of_footprints_says_nothing_of_what_is_in_it() -> None:
    recorded = told(BY_TYPE["fr.cordee.footprint_batch.recorded.v1"])
    assert recorded["data"]["details"].keys() == {
        *("workshop", "challenge", "audience", "method", "methodVersion")
    }


def test_what_belongs_to_a_person_cannot_be_published() -> None:
    with pytest.raises(TypeError):
        detail(Organisation.ContactDesignated, "name")


def test_a_detail_that_is_not_in_the_event_cannot_be_published() -> None:
    with pytest.raises(KeyError):
        detail(Organisation.Renamed, "title")


def test_batches_join_to_one() -> None:
    one, two = batch([heard(REGISTERED)], BASE), batch([heard(REGISTERED)] * 2, BASE)
    assert orjson.loads(joined([one, two])) == [told(REGISTERED)] * 3
    assert joined([]) == b"[]"


def test_the_catalogue_is_the_one_that_was_agreed_upon() -> None:
    agreed = shelf.WRITTEN.read_bytes()
    assert shelf.catalogue() == agreed, "run python -m api.publication, and look at the difference"


def test_the_catalogue_has_a_message_and_a_schema_for_each_event() -> None:
    document = asyncapi.document()
    types = {public.type for public in PUBLISHED}
    assert document["channels"]["events"]["messages"].keys() == types
    assert document["components"]["messages"].keys() == types
    assert document["components"]["schemas"].keys() - types == {"CloudEvent"}


def test_every_reference_of_the_catalogue_leads_somewhere() -> None:
    document = asyncapi.document()
    references = [line for line in orjson.dumps(document).decode().split('"') if line[:2] == "#/"]
    assert references
    for reference in references:
        found: Any = document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]


def test_the_page_names_every_event_and_every_fact_that_is_none() -> None:
    written = page()
    assert [public.type for public in PUBLISHED if f'id="{public.type}"' not in written] == []
    assert [event.TOPIC for event in INTERNAL if f"<code>{event.TOPIC}</code>" not in written] == []


async def test_the_catalogue_is_served(client: Client) -> None:
    read = await client.http.get("/events/catalogue")
    assert read.headers["content-type"] == "text/html; charset=utf-8"
    assert read.text == page()
    assert "style-src" in read.headers["content-security-policy"]
    served = await client.http.get("/events/catalogue/asyncapi.json")
    assert served.content == shelf.catalogue()
    again = await client.http.get(
        "/events/catalogue/asyncapi.json", headers={"if-none-match": served.headers["etag"]}
    )
    assert again.status_code == 304


async def test_the_schema_of_an_event_is_where_the_event_says(client: Client) -> None:
    address = f"http://test/events/catalogue/{REGISTERED.type}.json"
    schema = (await client.http.get(address)).json()
    assert schema.pop("$id") == address
    assert schema.pop("$schema") == "https://json-schema.org/draft/2020-12/schema"
    assert schema == orjson.loads(orjson.dumps(data_schema(REGISTERED)))
    (event,) = orjson.loads(batch([heard(REGISTERED)], "http://test/"))
    assert event["dataschema"] == address


async def test_the_schema_of_what_is_no_event_is_not_found(client: Client) -> None:
    missing = await client.http.get("/events/catalogue/fr.cordee.claim.taken.v1.json")
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
