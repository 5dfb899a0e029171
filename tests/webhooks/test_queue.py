"""The queue: its tables are those of the library, and a job is nobody's twice."""

from datetime import timedelta
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver

from infra.webhooks.queue import Queue, ToDo, clear, finish, hurry, put, queries

A, B = UUID(int=1), UUID(int=2)
ONE, TWO, THREE = (UUID(int=number) for number in (11, 12, 13))


async def test_the_migration_makes_what_the_library_would_make(database: str) -> None:
    connection = await asyncpg.connect(database)
    plan = await queries(AsyncpgDriver(connection)).plan_upgrade()
    await connection.close()
    assert (plan.statements, plan.notes) == ((), ())


async def test_jobs_are_bounded_for_each_endpoint_across_processes(database: str) -> None:
    async with asyncpg.create_pool(database, min_size=1, max_size=3) as pool:
        await put(pool, [ToDo(A, ONE), ToDo(A, TWO), ToDo(A, THREE), ToDo(B, ONE)])
        one, another = Queue(pool), Queue(pool)
        first = await one.take(10, {A: 2, B: 2})
        assert sorted((job.endpoint, job.stream) for job in first) == [(A, ONE), (A, TWO), (B, ONE)]
        assert await another.take(10, {A: 2, B: 2}) == []
        await finish(pool, [job for job in first if job.endpoint == A])
        (third,) = await another.take(10, {A: 2, B: 2})
        assert (third.stream, third.endpoint, third.delivery) == (THREE, A, None)


async def test_a_stream_has_one_turn_at_a_time_and_when_it_is_due(database: str) -> None:
    async with asyncpg.create_pool(database, min_size=1, max_size=3) as pool:
        queue = Queue(pool)
        await put(pool, [ToDo(A, ONE, pause=timedelta(hours=1))])
        await put(pool, [ToDo(A, ONE), ToDo(A, delivery=7), ToDo(A, delivery=7)])
        (alone,) = await queue.take(10, {A: 9})
        assert (alone.delivery, alone.stream) == (7, None)
        await hurry(pool, ToDo(A, ONE))
        (job,) = await queue.take(10, {A: 9})
        await put(pool, [job.again(timedelta())])
        assert await queue.take(10, {A: 9}) == []  # it is under way
        await finish(pool, [job])
        await put(pool, [job.again(timedelta())])
        (again,) = await queue.take(10, {A: 9})
        assert again.stream == ONE


async def test_who_is_not_asked_for_is_not_taken_and_can_be_cleared(database: str) -> None:
    async with asyncpg.create_pool(database, min_size=1, max_size=3) as pool:
        queue = Queue(pool)
        await put(pool, [ToDo(A, ONE), ToDo(B, TWO)])
        assert [job.stream for job in await queue.take(10, {B: 1})] == [TWO]
        await clear(pool, A)
        assert await queue.take(10, {A: 1}) == []
        await queue.tidy()  # of endpoints that are gone nothing is left
        assert await pool.fetchval("select count(*) from webhook.pgqueuer") == 0


async def test_a_job_without_a_heartbeat_is_taken_by_others(database: str) -> None:
    async with asyncpg.create_pool(database, min_size=1, max_size=3) as pool:
        await put(pool, [ToDo(A, ONE), ToDo(A, TWO)])
        (dead, alive) = await Queue(pool).take(10, {A: 9})
        await pool.execute("update webhook.pgqueuer set heartbeat = now() - interval '1 minute'")
        await Queue(pool).keep([alive])
        assert [job.number for job in await Queue(pool).take(10, {A: 9})] == [dead.number]
