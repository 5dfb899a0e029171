"""Subscriptions to one thing: as it is, and then whenever what was asked of it changed."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from api.answer_cache import AnswerCache
from api.context import Context
from api.executor import Schema
from api.frame import Telling
from api.identity import RateLimited
from api.ports import Allowance, Caller
from api.prices import SUBSCRIPTION
from api.purse import BOTTOMLESS, Purse
from api.request import Asked
from domain.identity import Id, external, internal
from domain.organisation import Organisation, OrganisationKind
from domain.record import Metadata, Recorded
from domain.roadmap import Roadmap, RoadmapOwner
from infra.reads import Reads
from projections.statement import Statement
from tests.api.both_ways import COMPILED, INTERPRETED, PROGRAM
from tests.api.conftest import Client
from tests.api.socket import connected

AT = datetime(2026, 1, 1, tzinfo=UTC)
ID, ROADMAP = external("organisation", UUID(int=1)), external("roadmap", UUID(int=2))
ADA = UUID(int=3)
PLAIN = "subscription($id: ID!) {organisationChanged(id: $id) {name}}"
ONE = 2
"""The cost of reading it once: a request and an object."""
DRAFT = "subscription($id: ID!) {roadmapChanged(id: $id) {title}}"
NAMED = "subscription($id: ID!) {organisationChanged(id: $id) {called: name ...More}}"
NAMED += " fragment More on Organisation {territory {name} memberships(first: 2) {totalCount}}"

BOTH = pytest.mark.parametrize("schema", [COMPILED, INTERPRETED], ids=["compiled", "interpreted"])


def fact(position: int, id: Id = ID) -> Recorded[Any]:
    if id == ROADMAP:
        owner = RoadmapOwner(organisation=UUID(int=1), cohort=UUID(int=4))
        roadmap = Roadmap.draft(internal("roadmap", id), now=AT, owner=owner, horizon=2030)
        (event,) = roadmap.collect_events()
        return Recorded(event, position, AT, UUID(int=99), Metadata(actor="ada", command="Draft"))
    organisation = Organisation.register(
        internal("organisation", Id(id)), now=AT, name="Atmo", kind=OrganisationKind.ASSOCIATION
    )
    (event,) = organisation.collect_events()
    return Recorded(event, position, AT, UUID(int=99), Metadata(actor="ada", command="Register"))


class Follower:
    """Somebody who follows an organisation whose row the test writes."""

    def __init__(self, client: Client, schema: Schema) -> None:
        self._client, self._schema = client, schema
        self._results: AsyncGenerator[Any, None] | None = None

    async def follow(
        self,
        query: str = NAMED,
        id: str = ID,
        caller: Caller = PROGRAM,
        purse: Purse = BOTTOMLESS,
        answers: AnswerCache | None = None,
    ) -> AsyncGenerator[Any, None]:
        context = Context(
            commands=self._client.commands,
            reads=self._client.reads,
            positions=self._client.positions,
            feed=self._client.feed,
            sheets=self._client.sheets,
            caller=caller,
            purse=purse,
            answers=answers,
        )
        return results_of(self._schema.tell(Asked(query, {"id": id}, None, None), context))

    async def draft(self, title: str) -> None:
        """Write the draft of the organisation's roadmap, which Ada leads."""
        await self._client.insert(
            "insert into roadmap (id, version, drafted_at, updated_at, organisation_id, horizon,"
            " status, submissions, title, known_to, read_by) values ($1, 1, now(), now(), $2, 2030,"
            " 'DRAFT', 0, $3, 'INSIDERS', 'INSIDERS') on conflict (id) do update"
            " set title = excluded.title",
            ROADMAP,
            ID,
            title,
        )

    async def enter(self, name: str) -> None:
        await self._client.insert(
            "insert into organisation (id, version, registered_at, updated_at, name, name_key,"
            " kind, territory_key, dissolved) values ($1, 1, now(), now(), $2, $2, 'ASSOCIATION',"
            " 'region:28', false) on conflict (id) do update set name = excluded.name",
            ID,
            name,
        )

    def happen(self, position: int, id: Id = ID) -> None:
        self._client.positions.at = position
        self._client.feed.recorded.append(fact(position, id))
        self._client.feed.grown.set()


@dataclass
class Result:
    """A result, as its subscriber reads it."""

    data: Any = None
    errors: Any = ()
    extensions: Any = None


async def results_of(told: AsyncGenerator[Telling, None]) -> AsyncGenerator[Result, None]:
    async with aclosing(told):
        async for telling in told:
            for frame in telling.frames:
                yield Result(**orjson.loads(frame.body))


@dataclass
class Till:
    """A budget that a test fills."""

    left_over: int
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def admit(self, principal: UUID | None, address: str) -> None: ...

    def spend(self, principal: UUID | None, address: str, cost: int) -> int:  # noqa: ARG002
        self.asked.set()
        if cost > self.left_over:
            raise RateLimited(policy="cost", quota=9, window=60, seconds=0.01)
        self.left_over -= cost
        return self.left_over

    def left(self, principal: UUID | None, address: str) -> Sequence[Allowance]:  # noqa: ARG002
        return ()


def told(result: Any) -> Any:
    assert not result.errors, result.errors
    return result.data["organisationChanged"]


@BOTH
async def test_it_is_sent_as_it_is_and_then_as_it_became(client: Client, schema: Schema) -> None:
    follower = Follower(client, schema)
    await follower.enter("Atmo")
    async with aclosing(await follower.follow()) as results:
        first = told(await anext(results))
        assert first == {
            "called": "Atmo",
            "territory": {"name": "Normandie"},
            "memberships": {"totalCount": 0},
        }
        await follower.enter("Atmo Normandie")
        follower.happen(1)
        result = await anext(results)
        assert told(result) == first | {"called": "Atmo Normandie"}
        assert result.extensions["position"] == "1"


async def test_what_does_not_change_what_was_asked_is_not_sent(client: Client) -> None:
    follower = Follower(client, COMPILED)
    await follower.enter("Atmo")
    async with aclosing(await follower.follow()) as results:
        await anext(results)
        follower.happen(1)
        follower.happen(2, external("organisation", UUID(int=2)))
        waiting = asyncio.ensure_future(anext(results))
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        await follower.enter("Atmo Sud")
        follower.happen(3)
        assert told(await waiting)["called"] == "Atmo Sud"


@BOTH
async def test_a_role_that_was_revoked_shows_nothing_from_the_next_reading_on(
    client: Client, schema: Schema
) -> None:
    follower = Follower(client, schema)
    await follower.draft("Vers 2030")
    await client.insert(
        f"""insert into principal values
                ('prn_{ADA.hex}', 1, now(), now(), 'PERSON', 'Ada', null, false);
            insert into role_grant values ('prn_{ADA.hex}', 'ORGANISATION_LEADER', 'ORGANISATION',
                '{ID.removeprefix("org_")}', '{ID}', false, now())"""  # noqa: S608 - constants
    )
    ada = Caller("ada", "en", ADA)
    async with aclosing(await follower.follow(DRAFT, ROADMAP, ada)) as results:
        assert (await anext(results)).data is not None
        await follower.draft("Vers 2031")
        follower.happen(1, ROADMAP)
        shown = (await anext(results)).data
        assert shown == {"roadmapChanged": {"title": "Vers 2031"}}
        await client.insert("delete from role_grant")
        follower.happen(2, ROADMAP)
        hidden = (await anext(results)).data
        assert hidden == {"roadmapChanged": None}


async def test_who_may_not_see_a_thing_is_not_told_that_something_happens_to_it(
    client: Client,
) -> None:
    follower = Follower(client, COMPILED)
    await follower.draft("Vers 2030")
    results = await follower.follow(DRAFT, ROADMAP, Caller("anonymous", "en"))
    async with aclosing(results):
        assert (await anext(results)).data == {"roadmapChanged": None}
        waiting = asyncio.ensure_future(anext(results))
        await follower.draft("Vers 2031")
        follower.happen(1, ROADMAP)
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_what_many_follow_is_read_once_for_all(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[str]()

    async def noting(self: Reads, statement: Statement, arguments: Sequence[object]) -> Any:
        read.append(statement.text)
        return await answer(self, statement, arguments)

    answer = Reads.answer
    monkeypatch.setattr(Reads, "answer", noting)
    follower, answers = Follower(client, COMPILED), AnswerCache(client.positions, 1_000_000)
    await follower.enter("Atmo")
    async with AsyncExitStack() as ends:
        followed = [
            await ends.enter_async_context(aclosing(await follower.follow(PLAIN, answers=answers)))
            for _ in range(20)
        ]
        for position, name in enumerate(("Atmo", "Atmo Sud", "Atmo Nord")):
            if position:
                await follower.enter(name)
                follower.happen(position)
            shown = await asyncio.gather(*(anext(results) for results in followed))
            assert [told(each) for each in shown] == [{"name": name}] * 20
    assert len(read) == 3


@BOTH
async def test_each_reading_is_paid_and_waits_until_it_can_be(
    client: Client, schema: Schema
) -> None:
    follower, till = Follower(client, schema), Till(SUBSCRIPTION + 2 * ONE)
    await follower.enter("Atmo")
    purse = Purse(till)
    async with aclosing(await follower.follow(PLAIN, purse=purse)) as results:
        begun = (await anext(results)).extensions["cost"]
        assert begun == {"asked": SUBSCRIPTION + ONE, "left": ONE}
        await follower.enter("Atmo Sud")
        follower.happen(1)
        again = await anext(results)
        assert told(again) == {"name": "Atmo Sud"}
        assert again.extensions["cost"] == {"asked": ONE, "left": 0}
        waiting = asyncio.ensure_future(anext(results))
        till.asked.clear()
        await follower.enter("Atmo Nord")
        follower.happen(2)
        await till.asked.wait()
        await follower.enter("Atmo Ouest")
        follower.happen(3)
        assert not waiting.done()
        till.left_over = ONE
        result = await waiting
        assert told(result) == {"name": "Atmo Ouest"}
        assert result.extensions["position"] == "3"


@BOTH
async def test_what_nothing_bears_is_null_and_the_end(client: Client, schema: Schema) -> None:
    async with aclosing(await Follower(client, schema).follow(id="org_never")) as results:
        assert told(await anext(results)) is None
        with pytest.raises(StopAsyncIteration):
            await anext(results)


@BOTH
async def test_an_id_of_another_kind_is_refused(client: Client, schema: Schema) -> None:
    cohort = external("cohort", UUID(int=1))
    async with aclosing(await Follower(client, schema).follow(id=cohort)) as results:
        result = await anext(results)
        assert [error["extensions"]["code"] for error in result.errors] == ["WRONG_KIND_OF_ID"]


def test_every_aggregate_with_a_page_of_its_own_can_be_followed() -> None:
    followed = set(COMPILED._schema.subscription_type.fields)  # type: ignore[union-attr]
    nouns = ("organisation", "cohort", "roadmap", "alliance", "action", "challenge", "workshop")
    assert followed == {"events", *(f"{noun}Changed" for noun in nouns)}


async def test_it_goes_over_websocket(client: Client) -> None:
    await Follower(client, COMPILED).enter("Atmo")
    app = client.http._transport.app  # type: ignore[attr-defined]
    async with connected(app) as socket:
        asked = "subscription($id: ID!) {organisationChanged(id: $id) {name}}"
        await socket.ask("1", query=asked, variables={"id": ID})
        assert (await socket.next("1"))["data"] == {"organisationChanged": {"name": "Atmo"}}
