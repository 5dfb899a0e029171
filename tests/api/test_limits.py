"""Limits: what asks for too much is told so, whatever its shape."""

import time

from api import limits, schema
from tests.api.conftest import Client

DOCUMENTS = schema.create().documents


def nested(levels: int) -> str:
    return '{organisation(id: "x") ' + "{mergedInto " * (levels - 2) + "{id}" + "}" * (levels - 1)


async def test_a_question_goes_twelve_levels_deep_and_no_deeper(client: Client) -> None:
    assert limits.DEEPEST == 12
    assert await client.data(nested(12)) == {"organisation": None}
    response = await client.ask(nested(13))
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "TOO_DEEP"
    assert "12" in error["message"]


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
