"""A report as a page for browsers: one file, which needs nothing from anywhere else."""

import base64
from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from infra.report.edition import Edition
from infra.report.words import HERE

STYLE: Final = (HERE / "report.css").read_text(encoding="utf-8")
"""The style that stands in the page, as the policy of a page has to know it."""

_TEMPLATE: Final = "report.html.jinja"


def html(edition: Edition) -> bytes:
    """Write a report as a page. The same edition gives the same bytes."""
    style = Markup(STYLE)  # noqa: S704 - it is ours
    return _template().render(report=edition, words=edition.words, style=style).encode()


@cache
def _template() -> Template:
    shelf = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shelf.filters["base64"] = _base64
    return shelf.get_template(_TEMPLATE)


def _base64(content: str) -> str:
    return base64.b64encode(content.encode()).decode()
