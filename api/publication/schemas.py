"""JSON Schemas (draft 2020-12) of what public events carry, one for each type."""

from typing import Final

from api.publication.cloud_event import SOURCE
from api.publication.detail import Schema
from api.publication.published import Published
from domain.identity import PREFIXES

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

_TITLE: Final[Schema] = {
    "type": "object",
    "description": "What happened, in a sentence.",
    "properties": {"en": {"type": "string"}, "fr": {"type": "string"}},
    "required": ["en", "fr"],
}


ENVELOPE: Final[Schema] = {
    "type": "object",
    "description": "What is the same in all events: CloudEvents 1.0 with some extensions.",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "The same whenever it is told."},
        "source": {"const": SOURCE},
        "type": {"type": "string", "description": "What happened, with its version."},
        "subject": {"type": "string", "description": "The id of that to which it happened."},
        "time": {"type": "string", "format": "date-time", "description": "When it was recorded."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {
            "type": "string",
            "format": "uri",
            "description": "Where the schema of its data is.",
        },
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]{19}$",
            "description": "Its position in the log. Strings of it are in the order of events.",
        },
        "subjectversion": {
            "type": "integer",
            "description": "The version of the subject after it.",
        },
        "command": {"type": "string", "description": "The command, such as ProposeAction."},
        "effectiveon": {
            "type": "string",
            "format": "date",
            "description": "When it took effect, where that is not the day of recording.",
        },
        "onbehalfof": {
            "type": "string",
            "pattern": f"^{PREFIXES['organisation']}_[0-9a-f]{{32}}$",
            "description": "The organisation for which it was done.",
        },
        "actor": {"type": "string", "description": "Who did it, for those who may know."},
        "data": {"type": "object"},
    },
    "required": [
        *("specversion", "id", "source", "type", "subject", "time", "datacontenttype"),
        *("dataschema", "sequence", "subjectversion", "command", "data"),
    ],
}
"""The schema of what is the same in all events."""


def data_schema(public: Published) -> Schema:
    """Give the schema of the data of an event. Whoever reads leaves alone what it does not name."""
    details = {each.name: each.schema for each in public.details}
    return {
        "title": public.english,
        "description": public.french,
        "type": "object",
        "properties": {
            "title": _TITLE,
            "details": {
                "type": "object",
                "description": "The fields of the fact that are public.",
                "properties": details,
                "required": list(details),
            },
        },
        "required": ["title", "details"],
    }


def document(public: Published, address: str) -> Schema:
    """Give the schema of the data of an event as a document, which stands at an address."""
    return {"$schema": DRAFT, "$id": address, **data_schema(public)}


def event_schema(public: Published, data: Schema) -> Schema:
    """Give the schema of what events of one kind alone have, with that of their data."""
    pattern = f"^{PREFIXES[public.noun]}_[0-9a-f]{{32}}$"
    return {
        "properties": {
            "type": {"const": public.type},
            "subject": {"pattern": pattern},
            "data": data,
        }
    }
