"""Reports: what a cohort came to, in figures and words."""

from typing import Annotated

from domain import link, text
from domain.command import value
from domain.participation import PLACES


@value
class Report:
    """What a cohort came to, and where its report is to be read."""

    organisations: Annotated[int | None, "How many organisations went all the way."] = None
    title: Annotated[str | None, "The title of the report."] = None
    url: Annotated[str | None, "Where it is to be read, by http or https."] = None
    summary: Annotated[str | None, "What it says, in short."] = None

    def checked(self) -> "Report":
        """Itself with clean texts."""
        if self.organisations is not None:
            text.within(self.organisations, 0, PLACES, "report.organisations")
        return Report(
            organisations=self.organisations,
            title=text.optional_name(self.title, "report.title"),
            url=link.optional_link(self.url, "report.url"),
            summary=text.optional_text(self.summary, "report.summary"),
        )
