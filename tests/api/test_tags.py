"""ETags: whoever has an answer is told that it still holds, without any table being read."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from api.media import GRAPHQL_JSON, JSON
from api.ports import Identity
from tests.api.conftest import Client

QUERY = "query($n: Int) {organisations(first: $n) {nodes {name}}}"


async def get(client: Client, query: str = QUERY, **headers: str) -> Any:
    parameters = {"query": query, "variables": '{"n": 3}'}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.http.get("/graphql", params=parameters, headers=named)


class Untouched:
    """Reads that nobody may use."""

    async def __call__(self, *_: object) -> Sequence[bytes | None]:
        raise AssertionError("a table was read")


async def test_whoever_has_the_answer_is_told_so_and_no_table_is_read(client: Client) -> None:
    first = await get(client)
    assert first.status_code == 200
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    with patch.object(client.reads, "answer", Untouched()):
        again = await get(client, if_none_match=tag)
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert again.headers["vary"] == first.headers["vary"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert "content-type" not in again.headers


async def test_a_tag_holds_until_something_moves(client: Client) -> None:
    first = await get(client)
    client.positions.at = 1
    second = await get(client, if_none_match=first.headers["etag"])
    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    "held",
    ["*", '{tag}, "other"', 'W/"other",{tag}', '"other-json" , {strong}', "{strong}"],
)
async def test_a_list_of_tags_is_read_as_it_is_written(client: Client, held: str) -> None:
    tag = (await get(client)).headers["etag"]
    given = held.format(tag=tag, strong=tag.removeprefix("W/"))
    assert (await get(client, if_none_match=given)).status_code == 304


@pytest.mark.parametrize("held", ["", '"', "W/", '"other-json"', 'W/""', "nonsense", '"*"'])
async def test_tags_of_other_answers_and_nonsense_are_none(client: Client, held: str) -> None:
    assert (await get(client, if_none_match=held)).status_code == 200


async def test_each_media_type_and_each_question_has_a_tag_of_its_own(client: Client) -> None:
    plain = await get(client, accept=JSON)
    own = await get(client, accept=GRAPHQL_JSON)
    other = await get(client, QUERY.replace("name", "id"))
    aliased = await get(client, QUERY.replace("organisations", "others: organisations"))
    tags = {each.headers["etag"] for each in (plain, own, other, aliased)}
    assert len(tags) == 4
    crossed = await get(client, accept=GRAPHQL_JSON, if_none_match=plain.headers["etag"])
    assert crossed.status_code == 200


async def test_each_caller_has_tags_of_their_own(client: Client) -> None:
    tags = set()
    for number in (None, 1, 2):
        principal = None if number is None else UUID(int=number)
        client.known.everybody = Identity(actor="somebody", principal=principal)
        answer = await get(client)
        tags.add(answer.headers["etag"])
        kept = "public, no-cache" if principal is None else "private, no-cache"
        assert answer.headers["cache-control"] == kept
        assert {"authorization", "accept-encoding", "origin"} <= set(
            answer.headers["vary"].split(", ")
        )
    # Anybody and somebody see the same here; what they are asked with differs.
    assert len(tags) >= 2


async def test_what_no_statement_answers_alone_has_no_tag(client: Client) -> None:
    for query in ("{__schema {queryType {name}}}", "{organisations(first: -1) {totalCount}}", "{"):
        assert "etag" not in (await get(client, query)).headers
    posted = await client.http.post(
        "/graphql", json={"query": QUERY}, headers={"if-none-match": "*"}
    )
    assert posted.status_code == 200
    assert "etag" not in posted.headers


async def test_a_position_is_waited_for_before_anything_is_said_to_hold(client: Client) -> None:
    tag = (await get(client)).headers["etag"]
    late = await get(client, if_none_match=tag, min_position="7")
    assert late.json()["errors"][0]["extensions"]["code"] == "POSITION_NOT_REACHED"
    assert "etag" not in late.headers
