"""Conclusions: what an alliance agreed on in the end, in words."""

from typing import Annotated

from domain import link, text
from domain.command import value


@value
class Conclusion:
    """What the members of an alliance set themselves together, and where it is to be read."""

    objectives: Annotated[str | None, "The objectives on which they agreed."] = None
    common_actions: Annotated[str | None, "The actions on which they decided together."] = None
    title: Annotated[str | None, "The title of the report."] = None
    url: Annotated[str | None, "Where it is to be read, by http or https."] = None
    summary: Annotated[str | None, "What it says, in short."] = None

    def checked(self) -> "Conclusion":
        """Itself with clean texts."""
        return Conclusion(
            objectives=text.optional_text(self.objectives, "conclusion.objectives"),
            common_actions=text.optional_text(self.common_actions, "conclusion.common_actions"),
            title=text.optional_name(self.title, "conclusion.title"),
            url=link.optional_link(self.url, "conclusion.url"),
            summary=text.optional_text(self.summary, "conclusion.summary"),
        )
