"""The answer cache: what it gives is never older than what its caller was told."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.answer_cache import AnswerCache
from api.meter import NO_METER
from api.newest import Newest
from projections.statement import Statement

ROOM = 1_000_000
TABLES = ("organisation", "mobilisation")
LIST = Statement("select names from organisation")


class Model:
    """A read model of one fact, its version: committed at once, known to the process later."""

    def __init__(self) -> None:
        self.committed = 0
        self.known = 0
        self.generation = 1
        self.reads = 0
        self.begun: list[asyncio.Future[None]] = []
        self.patient = False

    def position(self) -> int:
        return self.known

    async def reached(
        self,
        position: int,
        timeout: float,  # noqa: ARG002, ASYNC109
        tables: Collection[str] | None = None,  # noqa: ARG002
    ) -> bool:
        return self.known >= position

    def shown(self, tables: Collection[str]) -> int:  # noqa: ARG002
        return self.known

    def moved(self, tables: Sequence[str]) -> tuple[tuple[int, int], ...]:
        return ((self.generation, self.known),) * len(tables)

    def hindrances(self) -> list[Any]:
        return []

    async def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        """Read the version, once the test lets it; it is told some time after that."""
        self.reads += 1
        if self.patient:
            self.begun.append(asyncio.get_running_loop().create_future())
            await self.begun[-1]
        version = self.committed
        if self.patient:
            self.begun.append(asyncio.get_running_loop().create_future())
            await self.begun[-1]
        return (f"{statement.text} {arguments} {version}".encode(), None)

    async def rows(self, statement: Statement, arguments: Sequence[object]) -> Any:
        raise NotImplementedError

    def change(self) -> None:
        """Let something happen, and the process know."""
        self.committed += 1
        self.known = self.committed


@pytest.fixture
def model() -> Model:
    return Model()


async def ask(
    cache: AnswerCache, model: Model, statement: Statement = LIST, *arguments: object
) -> bytes:
    first, second = await cache.row(statement, TABLES, arguments, model, NO_METER)
    assert first is not None
    assert second is None
    return first


async def test_what_has_not_moved_is_read_once(model: Model) -> None:
    cache = AnswerCache(model, ROOM)
    first = await ask(cache, model)
    assert await ask(cache, model) == first
    assert model.reads == 1
    model.change()
    assert await ask(cache, model) != first
    assert model.reads == 2


async def test_another_generation_is_read_anew(model: Model) -> None:
    cache = AnswerCache(model, ROOM)
    await ask(cache, model)
    model.generation = 2
    await ask(cache, model)
    assert model.reads == 2


async def test_other_values_have_answers_of_their_own(model: Model) -> None:
    cache = AnswerCache(model, ROOM)
    asked = [(LIST,), (LIST, "prn_1"), (LIST, "prn_2"), (LIST, ["a", "b"]), (Statement("else"),)]
    answers = [await ask(cache, model, *each) for each in asked]  # type: ignore[arg-type]
    assert len(set(answers)) == len(asked)
    assert [await ask(cache, model, *each) for each in asked] == answers  # type: ignore[arg-type]
    assert model.reads == len(asked)


async def test_without_room_each_is_read(model: Model) -> None:
    cache = AnswerCache(model, 0)
    for _ in range(2):
        await ask(cache, model)
    assert model.reads == 2
    assert len(cache) == 0


async def test_it_takes_no_more_memory_than_it_may(model: Model) -> None:
    cache = AnswerCache(model, 100_000)
    for number in range(1_000):
        await ask(cache, model, LIST, f"{number:0100}")
        assert cache.weight <= 100_000
    assert 20 <= len(cache) < 1_000
    await ask(cache, model, LIST, "x" * 200_000)
    assert cache.weight <= 100_000


async def test_what_holds_no_longer_leaves_memory_unasked(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.answer_cache.SWEPT", 0.01)
    cache = AnswerCache(model, ROOM)
    await ask(cache, model)
    await asyncio.sleep(0.05)
    assert len(cache) == 1
    model.change()
    await asyncio.sleep(0.05)
    assert len(cache) == 0


Step = Callable[[Model], None]


def _commit(model: Model) -> None:
    model.committed += 1


def _learn(model: Model) -> None:
    model.known = model.committed


def _let_one_go_on(model: Model) -> None:
    if model.begun:
        model.begun.pop(0).set_result(None)


def _let_the_last_go_on(model: Model) -> None:
    if model.begun:
        model.begun.pop().set_result(None)


@given(
    st.lists(
        st.sampled_from(["ask", _commit, _learn, _let_one_go_on, _let_the_last_go_on]), max_size=60
    )
)
def test_nobody_is_given_less_than_they_were_told(steps: list[Any]) -> None:
    async def play() -> None:
        model = Model()
        model.patient = True
        cache = AnswerCache(model, ROOM)
        asked: list[tuple[int, asyncio.Task[bytes]]] = []
        for step in steps:
            if step == "ask":
                told = model.position()
                asked.append((told, asyncio.create_task(ask(cache, model))))
            else:
                step(model)
            await asyncio.sleep(0)
        while not all(task.done() for _, task in asked):  # who waited may read themselves
            _let_one_go_on(model)
            await asyncio.sleep(0)
        for told, task in asked:
            version = int((await task).rpartition(b" ")[2])
            assert version >= told

    asyncio.run(play())


def test_the_newest_are_those_that_were_wanted_last() -> None:
    kept = Newest[str, int](most=3, heaviest=100)
    for place, name in enumerate("abc"):
        kept.keep(name, place, 10)
    assert kept.get("a") == 0
    kept.keep("d", 3, 10)
    assert [name for name, _ in kept.items()] == ["c", "a", "d"]
    kept.keep("e", 4, 85)
    assert [name for name, _ in kept.items()] == ["d", "e"]
    kept.keep("f", 5, 101)
    assert kept.weight == 95
    kept.keep("e", 6, 1)
    assert (kept.get("e"), kept.weight) == (6, 11)
    kept.drop("nobody")
    kept.drop("d")
    assert (len(kept), kept.weight) == (1, 1)


async def test_what_many_ask_for_at_once_is_read_once(model: Model) -> None:
    cache = AnswerCache(model, ROOM)
    model.patient = True
    asking = [asyncio.ensure_future(ask(cache, model)) for _ in range(50)]
    await until_read(model)
    answers = await asyncio.gather(*asking)
    assert len(set(answers)) == 1
    assert model.reads == 1


async def test_whoever_waits_for_a_reading_that_is_broken_off_reads_themselves(
    model: Model,
) -> None:
    cache = AnswerCache(model, ROOM)
    model.patient = True
    first, second = (asyncio.ensure_future(ask(cache, model)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert model.reads == 1
    first.cancel()
    await asyncio.sleep(0)
    model.patient = False
    model.begun.clear()
    assert await second
    assert model.reads == 2


async def test_whoever_waits_while_something_moves_is_given_what_moved(model: Model) -> None:
    cache = AnswerCache(model, ROOM)
    model.patient = True
    first, second = (asyncio.ensure_future(ask(cache, model)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    model.change()
    model.patient = False
    model.begun[0].set_result(None)
    await first
    assert (await second).endswith(b" 1")
    assert model.reads == 2


async def until_read(model: Model) -> None:
    """Let a patient model read to its end."""
    for number in (0, 1):
        while len(model.begun) <= number:
            await asyncio.sleep(0)
        model.begun[number].set_result(None)
