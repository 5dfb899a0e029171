"""A caller of the whole program: gives commands, and asks for what is so after them."""

from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette


@dataclass
class Caller:
    """A caller of the whole program."""

    http: httpx.AsyncClient
    app: Starlette
    position: str = "0"

    async def ask(self, query: str, language: str = "en", **variables: Any) -> Any:
        """Ask for what is so after the last command."""
        headers = {"accept-language": language, "min-position": self.position}
        body = {"query": query, "variables": variables}
        response = (await self.http.post("/graphql", json=body, headers=headers)).json()
        assert "errors" not in response, response["errors"]
        return response["data"]

    async def attempt(self, command: str, language: str = "en", **given: Any) -> Any:
        """Give a command and tell what came of it."""
        name = command[0].lower() + command[1:]
        found = await self.ask(
            f"mutation($input: {command}Input!) {{{name}(input: $input) {{__typename"
            f" ... on {command}Success {{position version}}"
            " ... on Refusal {code message path}}}",
            language,
            input=given,
        )
        result = found[name]
        self.position = result.get("position", self.position)
        return result

    async def do(self, command: str, **given: Any) -> None:
        """Give a command that must be accepted."""
        result = await self.attempt(command, **given)
        assert result["__typename"] == f"{command}Success", result

    async def make(self, command: str, **given: Any) -> str:
        """Give a command that creates something, and give its id."""
        name = command[0].lower() + command[1:]
        found = await self.ask(
            f"mutation($input: {command}Input!) {{{name}(input: $input) {{__typename"
            f" ... on {command}Success {{position created}} ... on Refusal {{message}}}}}}",
            input=given,
        )
        assert found[name]["__typename"] == f"{command}Success", found
        self.position = found[name]["position"]
        return str(found[name]["created"])

    async def organisation(self, name: str, territory: str) -> str:
        """Register an association."""
        return await self.make(
            "RegisterOrganisation", name=name, kind="ASSOCIATION", territory=territory
        )

    async def enrol(self, cohort: str, organisation: str) -> None:
        """Take an organisation into a cohort, step by step."""
        for command in ("ApplyToCohort", "AdmitOrganisation", "EnrolOrganisation"):
            await self.do(command, cohort=cohort, organisation=organisation)
