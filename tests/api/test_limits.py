"""Limits: what asks for too much is told so, whatever its shape."""

import time
from copy import copy
from typing import Any

import pytest

from api import limits, schema
from api.app import create
from api.context import Context
from api.documents import Documents
from tests.api.both_ways import COMPILED, PROGRAM
from tests.api.conftest import Client
from tests.api.ports import Happening, Still
from tests.api.socket import connected

DOCUMENTS = schema.create().documents


def nested(levels: int) -> str:
    return '{organisation(id: "x") ' + "{mergedInto " * (levels - 2) + "{id}" + "}" * (levels - 1)


async def test_a_question_goes_twelve_levels_deep_and_no_deeper(client: Client) -> None:
    assert limits.USUAL.depth == 12
    assert await client.data(nested(12)) == {"organisation": None}
    response = await client.ask(nested(13))
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "TOO_DEEP"
    assert "12" in error["message"]


def test_a_document_has_two_thousand_tokens() -> None:
    assert limits.USUAL.tokens == 2_000
    for ids, refused in ((1_988, []), (1_989, ["TOO_MANY_TOKENS"])):
        assert codes("{nodes(ids: [" + '"x"' * ids + "]) {id}}") == refused  # and twelve around


def test_what_would_take_too_long_to_be_checked_is_refused() -> None:
    assert codes("{" + " __typename" * 500 + "}") == []
    assert codes("{" + " __typename" * 1_900 + "}") == ["TOO_INTRICATE"]


def test_depth_is_counted_through_fragments() -> None:
    deep = nested(12).replace("{id}", "{...F}") + " fragment F on Organisation {mergedInto {id}}"
    assert [error.extensions for error in DOCUMENTS.get(deep).errors] == [{"code": "TOO_DEEP"}]


def test_fragments_that_spread_each_other_often_are_measured_once() -> None:
    fragments = " ".join(
        f"fragment F{n} on Organisation {{...F{n + 1} ... on Node {{id}} ...F{n + 1}}}"
        for n in range(40)
    )
    text = f"{{organisations {{nodes {{...F0}}}}}} {fragments} fragment F40 on Organisation {{id}}"
    began = time.perf_counter()
    DOCUMENTS.get(text)
    assert time.perf_counter() - began < 5


def test_a_fragment_that_contains_itself_is_refused() -> None:
    text = "{organisations {nodes {...F}}} fragment F on Organisation {mergedInto {...F}}"
    assert any("itself" in error.message for error in DOCUMENTS.get(text).errors)


def test_introspection_may_go_deeper() -> None:
    text = "{__schema {types {fields {type " + "{ofType " * 12 + "{name}" + "}" * 12 + "}}}}"
    assert DOCUMENTS.get(text).errors == []


def test_what_is_wrong_is_told_five_times_and_without_suggestions() -> None:
    errors = DOCUMENTS.get("{" + " ".join(f"organisation{n}" for n in range(20)) + "}").errors
    assert len(errors) == limits.MOST_ERRORS + 1
    assert not any("Did you mean" in error.message for error in errors)


def codes(text: str) -> list[object]:
    return [(error.extensions or {}).get("code") for error in DOCUMENTS.get(text).errors]


def aliases(count: int) -> str:
    return " ".join(f"a{number}: id" for number in range(count))


REGISTER = '{}: registerOrganisation(input: {{name: "A", kind: UNION}}) {{__typename}}'.format


def organisation(fields: str) -> str:
    return f'{{organisation(id: "x") {{{fields}}}}}'


def test_an_operation_has_thirty_aliases() -> None:
    assert limits.USUAL.aliases == 30
    assert codes(organisation(aliases(30))) == []
    assert codes(organisation(aliases(31))) == ["TOO_MANY_ALIASES"]


def test_aliases_are_counted_in_the_fragments_of_their_operation() -> None:
    fragment = f"fragment F on Organisation {{{aliases(20)}}}"
    more = "fragment G on Organisation {...F b1: name b2: name}"
    one, two = organisation("...F").replace("{", "query A {", 1), organisation("...G")
    assert codes(f"{one} query B {two} {fragment} {more}") == []
    thirty_one = organisation("...G " + " ".join(f"c{number}: id" for number in range(9)))
    assert codes(f"{one} query B {thirty_one} {fragment} {more}") == ["TOO_MANY_ALIASES"]


def test_an_operation_begins_with_twenty_fields() -> None:
    assert limits.USUAL.root_fields == 20
    fields = " ".join(f"a{number}: __typename" for number in range(20))
    assert codes(f"{{{fields}}}") == []
    assert codes(f"{{{fields} ...F}} fragment F on Query {{a0: __typename}}") == []
    assert codes(f"{{{fields} ...F}} fragment F on Query {{... {{b: __typename}}}}") == [
        "TOO_MANY_ROOT_FIELDS"
    ]


def test_an_operation_does_five_mutations() -> None:
    assert limits.USUAL.mutations == 5
    five = " ".join(REGISTER(f"a{number}") for number in range(5))
    assert codes(f"mutation {{{five}}}") == []
    assert codes(f"mutation {{{five} {REGISTER('b')}}}") == ["TOO_MANY_MUTATIONS"]
    assert codes(f"mutation {{{five} ...F}} fragment F on Mutation {{{REGISTER('b')}}}") == [
        "TOO_MANY_MUTATIONS"
    ]


def test_an_operation_has_fifty_directives() -> None:
    assert limits.USUAL.directives == 50
    fields = " ".join(["id @skip(if: true)"] * 50)
    assert codes(organisation(fields)) == []
    assert codes(organisation(f"{fields} name @include(if: true)")) == ["TOO_MANY_DIRECTIVES"]


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("{" + " __typename" * 2_001 + "}", "2000"),
        (nested(13), "12"),
        (organisation(aliases(31)), "30"),
        ("{" + " ".join(f"a{number}: __typename" for number in range(21)) + "}", "20"),
        ("mutation {" + " ".join(REGISTER(f"a{number}") for number in range(6)) + "}", "5"),
        (organisation(" ".join(["id @skip(if: true)"] * 51)), "50"),
    ],
)
async def test_a_limit_is_named_in_the_callers_language(
    client: Client, query: str, limit: str
) -> None:
    french = await client.ask(query, headers={"accept-language": "fr"})
    english = await client.ask(query)
    for response, words in ((french, f"plus de {limit} "), (english, f"more than {limit} ")):
        assert "data" not in response
        (error,) = response["errors"]
        assert words in error["message"]
        assert error["extensions"]["code"].startswith("TOO_")


@pytest.mark.parametrize(
    ("limit", "text", "code"),
    [
        ("tokens", "{" + " __typename" * 4 + "}", "TOO_MANY_TOKENS"),
        ("depth", nested(6), "TOO_DEEP"),
        ("aliases", organisation(aliases(6)), "TOO_MANY_ALIASES"),
        ("root_fields", f"{{{aliases(6).replace('id', '__typename')}}}", "TOO_MANY_ROOT_FIELDS"),
        ("mutations", f"mutation {{{' '.join(map(REGISTER, 'abcdef'))}}}", "TOO_MANY_MUTATIONS"),
        ("directives", organisation("id @skip(if: true) " * 6), "TOO_MANY_DIRECTIVES"),
    ],
)
def test_who_runs_an_instance_says_what_the_limits_are(limit: str, text: str, code: str) -> None:
    for most, refused in ((5, [code]), (6, [])):
        documents = Documents(DOCUMENTS._schema, limits.Limits(**{limit: most}))
        found = [(error.extensions or {}).get("code") for error in documents.get(text).errors]
        assert found == refused


async def test_more_objects_can_be_asked_for_where_that_is_allowed(client: Client) -> None:
    page = "{territories(first: 10) {nodes {organisations(first: 10) {nodes {name}}}}}"
    context = Context(
        commands=client.commands,
        reads=client.reads,
        positions=client.positions,
        feed=client.feed,
        sheets=client.sheets,
        caller=PROGRAM,
    )
    for most, refused in ((109, ["TOO_COSTLY"]), (110, [])):
        asked_of = copy(COMPILED)
        asked_of.limits = limits.Limits(objects=most)
        result = await asked_of.execute(page, context_value=context)
        told = [(error.extensions or {}).get("code") for error in result.errors or ()]
        assert told == refused


async def test_a_socket_has_the_same_limits() -> None:
    unused: Any = None
    app = create(commands=unused, reads=unused, positions=Still(), feed=Happening(), sheets=unused)
    async with connected(app) as socket:
        await socket.subscribe("a", organisation(aliases(31)))
        (error,) = await socket.error("a")
        assert error["extensions"]["code"] == "TOO_MANY_ALIASES"
        page = "territories(first: 100) {nodes {organisations(first: 100) {nodes {name}}}}"
        await socket.subscribe("b", f"{{{page}}}")
        (told,) = (await socket.next("b"))["errors"]
        assert told["extensions"]["code"] == "TOO_COSTLY"
