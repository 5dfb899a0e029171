"""The explorer in a real browser without the internet: asked by clicking, and its answers read."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Program, Visit

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def answer(page: Page, text: str) -> None:
    """Expect that the answer shows a text; its editor writes blanks that do not break."""
    await expect(page.locator(".result-window .view-lines")).to_contain_text(text)


async def execute(page: Page) -> None:
    await page.get_by_role("button", name="Execute query").click()


async def put(page: Page, editor: str, text: str) -> None:
    """Put a text into an editor, in place of what is there."""
    await page.locator(f"{editor} .monaco-editor:visible").click()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text(text)
    await expect(page.locator(f"{editor} .view-lines:visible")).to_have_text(text)


async def write(page: Page, query: str) -> None:
    """Open a tab, and write into it."""
    await page.get_by_role("button", name="New tab").click()
    await put(page, ".graphiql-query-editor", query)


async def test_a_query_is_asked_by_clicking_and_answered(visit: Visit, program: Program) -> None:
    program.register("Les Tisserands")
    await write(visit.page, "{ organisations { nodes { name } } }")
    await execute(visit.page)
    await answer(visit.page, "Les Tisserands")


async def test_each_tab_has_a_sample(visit: Visit) -> None:
    names = await visit.page.get_by_role("tab").all_inner_texts()
    assert names == ["Roadmap", "Alliances", "Statistics", "Search", "Register", "Events"]
    await execute(visit.page)
    await answer(visit.page, '"roadmaps": {')


async def test_the_documentation_is_what_introspection_tells(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    explorer = visit.page.locator(".graphiql-doc-explorer")
    await explorer.get_by_role("link", name="Query").click()
    await expect(explorer).to_contain_text("organisations")


async def test_a_subscription_shows_what_happens(visit: Visit, program: Program) -> None:
    await visit.page.get_by_role("tab", name="Events").click()
    await execute(visit.page)
    program.register("Les Passeurs")
    await answer(visit.page, "RegisterOrganisation")
    await visit.page.get_by_role("button", name="Stop query").click()


async def test_a_token_among_the_headers_is_sent_and_not_kept(visit: Visit) -> None:
    await write(visit.page, "{ viewer { id } }")
    await put(visit.page, ".graphiql-editor-tool", '{"Authorization": "Bearer nobody"}')
    await execute(visit.page)
    await answer(visit.page, "MALFORMED_TOKEN")
    await visit.page.wait_for_timeout(1_000)  # GraphiQL's history is that late to know of headers
    async with visit.page.expect_response("**/graphql"):
        await execute(visit.page)
    assert "viewer" in await visit.page.evaluate("JSON.stringify(localStorage)")
    assert "nobody" not in await visit.page.evaluate("JSON.stringify(localStorage)")
    visit.wrong.clear()  # the browser tells of the 401
