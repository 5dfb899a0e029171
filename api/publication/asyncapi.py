"""The catalogue as an AsyncAPI 3 document, for programs that read such."""

from typing import Any, Final

from api.publication.asked import LONGEST, MOST, USUAL
from api.publication.catalogue import PUBLISHED
from api.publication.cloud_event import BATCH
from api.publication.published import Published
from api.publication.schemas import ENVELOPE, data_schema, event_schema

VERSION: Final = "1"
"""Of the whole; each event has a version of its own in its type."""
_ENVELOPE: Final = "CloudEvent"

_FILTERS: Final = {
    "types": "What happened, such as fr.cordee.action.proposed.v1, or action.proposed.",
    "nouns": "To what kind of thing, such as roadmap.",
    "subjects": "To which things, by their ids.",
    "territories": "Where that is, such as region:28; what lies in a territory counts with it.",
    "networks": "Of a member of which networks, by their ids.",
    "alliances": "In which alliances, or to these themselves, by their ids.",
    "cohorts": "In which cohorts, or to these themselves, by their ids.",
    "organisations": "Of which organisations, or to these themselves, by their ids.",
}


def document() -> dict[str, Any]:
    """Give the document: one channel, and a message for each public event."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "cordée: what happens",
            "version": VERSION,
            "description": "Public events as CloudEvents 1.0, each at least once and in the order "
            "of `sequence`. A type changes its version when something is taken from it; fields and "
            "values may join it at any time.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/events",
                "description": "The feed. Each answer names in `Link` where to go on.",
                "messages": {
                    public.type: {"$ref": f"#/components/messages/{public.type}"}
                    for public in PUBLISHED
                },
            }
        },
        "operations": {
            "readEvents": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": f"Events come together as {BATCH}.",
                "bindings": {"http": {"method": "GET", "query": _query()}},
            }
        },
        "components": {
            "messages": {public.type: _message(public) for public in PUBLISHED},
            "schemas": {
                _ENVELOPE: ENVELOPE,
                **{public.type: data_schema(public) for public in PUBLISHED},
            },
        },
    }


def _message(public: Published) -> dict[str, Any]:
    data = {"$ref": f"#/components/schemas/{public.type}"}
    return {
        "name": public.type,
        "title": public.english,
        "summary": public.french,
        "contentType": "application/cloudevents+json",
        "tags": [{"name": public.noun}],
        "payload": {
            "allOf": [{"$ref": f"#/components/schemas/{_ENVELOPE}"}, event_schema(public, data)]
        },
    }


def _query() -> dict[str, Any]:
    text = {"type": "string"}
    listed = {name: {**text, "description": meaning} for name, meaning in _FILTERS.items()}
    return {
        "type": "object",
        "properties": {
            "after": {**text, "description": "A position, or the cursor of the last answer."},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
            "wait": {"type": "integer", "minimum": 0, "maximum": LONGEST, "default": 0},
            **listed,
        },
    }
