"""The catalogue as a page to read."""

import html
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from api.publication.catalogue import INTERNAL, PUBLISHED
from api.publication.cloud_event import SCHEMAS
from api.publication.detail import Detail
from api.publication.published import Published
from api.security import policy

STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 }
td, th { border: 1px solid #ccc; padding: .2rem .6rem; text-align: left; vertical-align: top }
h3 { margin-bottom: 0 }
.fr { color: #555; font-style: italic }
"""
POLICY: Final = policy(style=STYLE)
"""The header that lets the page have its style, and nothing else."""

_HEAD: Final = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>cordée: events</title>
<style>{STYLE}</style>
<h1>Events</h1>
<p>What happens, as <a href="https://cloudevents.io">CloudEvents 1.0</a>, at
<a href="/events"><code>/events</code></a>: each at least once, in the order of its
<code>sequence</code>, with an id that stays. What a type has it keeps, until its version changes;
fields and values may join it at any time. The whole as
<a href="/events/catalogue/asyncapi.json">AsyncAPI 3</a>, and
<a href="/events/kit/cordee_events.py">a client in Python</a> that misses none of them.</p>
"""


def page() -> str:
    """Write the page."""
    return "".join([_HEAD, *_sections(), *_internal(), "</html>\n"])


def _sections() -> Iterator[str]:
    nouns = [(noun, list(group)) for noun, group in groupby(PUBLISHED, lambda each: each.noun)]
    links = ", ".join(f'<a href="#{noun}">{_words(noun)}</a>' for noun, _ in nouns)
    yield f"<p>{links}</p>\n"
    for noun, group in nouns:
        yield f'<h2 id="{noun}">{_words(noun)}</h2>\n'
        for public in group:
            yield from _event(public)


def _event(public: Published) -> Iterator[str]:
    type = public.type
    yield f'<h3 id="{type}"><a href="/{SCHEMAS}{type}.json"><code>{type}</code></a></h3>\n'
    french = f'<span class="fr" lang="fr">{html.escape(public.french)}</span>'
    yield f"<p>{html.escape(public.english)} {french}</p>\n"
    if public.details:
        rows = "".join(map(_row, public.details))
        yield f"<table><tr><th>Detail<th>What it is<th>Type</tr>\n{rows}</table>\n"


def _row(detail: Detail) -> str:
    meaning = html.escape(detail.schema["description"])
    kind = html.escape(_kind(detail.schema))
    return f"<tr><td><code>{detail.name}</code><td>{meaning}<td>{kind}</tr>\n"


def _kind(schema: dict[str, Any]) -> str:
    """Say in words which values a schema allows."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "array" in kinds:
        said = f"list of {_kind(schema['items'])}"
    elif "x-extensible-enum" in schema:
        said = ", ".join(schema["x-extensible-enum"])
    else:
        said = schema.get("format") or schema.get("pattern") or kinds[0]
    return f"{said}, or null" if "null" in kinds else said


def _internal() -> Iterator[str]:
    yield '<h2 id="internal">What is not published</h2>\n<table>\n'
    for reason, group in groupby(INTERNAL.items(), lambda each: each[1]):
        topics = ", ".join(f"<code>{event.TOPIC}</code>" for event, _ in group)
        yield f"<tr><td>{topics}<td>{html.escape(reason)}</tr>\n"
    yield "</table>\n"


def _words(noun: str) -> str:
    return noun.replace("_", " ").capitalize()
