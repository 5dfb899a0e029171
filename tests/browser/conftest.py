"""A real browser, with the network cut: it reaches the program, and nothing else."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from infra.explorer import built
from tests.conftest import Databases
from tests.end_to_end.running import Running, environment, run, running
from tests.scratch import scratch

PATIENCE: Final = 20_000
"""Milliseconds after which a page that does not show what it should counts as stuck."""

expect.set_options(timeout=PATIENCE)

_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
)


def _not_run(why: str) -> str:
    return f"The explorer was not looked at in a browser: {why}"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The machine's Chromium; where there is none, what it is for is not run.

    The pages are another matter: CI builds them, and fails where they are not there.
    """
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if found is None:
        pytest.skip(_not_run("there is no Chromium (on Debian: apt install chromium)"))
    if built() is None:
        told = _not_run("its pages are not built (make explorer)")
        (pytest.fail if "CI" in os.environ else pytest.skip)(told)
    return found


class Program:
    """A program with little in it."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        self._env = running.env

    def register(self, name: str) -> None:
        """Let something happen: an organisation of this name is registered."""
        with scratch("cordee-") as folder:
            file = folder / "commands.jsonl"
            file.write_text(
                f'{{"do": "RegisterOrganisation", "name": "{name}", "kind": "ASSOCIATION"}}\n'
            )
            done = run("load", str(file), env=self._env)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def program(chromium: str, databases: Databases) -> Iterator[Program]:  # noqa: ARG001
    """The program, on a database without events; not without a browser to look at it."""
    with (
        scratch("cordee-") as data,
        databases.copy(Databases.PREPARED) as dsn,
        running("serve", env=environment(data, DATABASE_URL=dsn)) as started,
    ):
        yield Program(started)


class Visit:
    """A page in a browser that reaches one origin, with all that went wrong in it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.elsewhere: list[str] = []
        """Addresses beyond the origin that it wanted to reach."""
        self.wrong: list[str] = []
        """What the browser complained of, such as a policy that was not kept."""
        self._origin = origin
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: self.wrong.extend([said.text] * (said.type == "error")))

    async def come(self) -> None:
        """Open the explorer, and wait until it shows the first sample."""
        await self.page.route("**/*", self._let_through)
        await self.page.goto(f"{self._origin}/graphql")
        await self.page.locator(".graphiql-query-editor").get_by_text("roadmaps").wait_for()

    async def _let_through(self, route: Route) -> None:
        address = route.request.url
        if address.startswith((f"{self._origin}/", "data:")):
            await route.continue_()
        else:
            self.elsewhere.append(address)
            await route.abort()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """The browser, once for all who come by with it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, program: Program) -> AsyncIterator[Visit]:
    """Somebody who comes by for the first time, and to whom nothing goes wrong."""
    context = await browser.new_context(viewport={"width": 1400, "height": 900})
    visit = Visit(await context.new_page(), program.url)
    await visit.come()
    yield visit
    await context.close()
    assert visit.elsewhere == []
    assert visit.wrong == []
