"""Documents and plans are kept for the next time, and take no more memory than they may."""

from api import documents, plans, schema
from api.answers import PLANS
from api.executor import Chosen
from projections.guard import Eyes

SCHEMA = schema.create()


def choose(text: str) -> Chosen:
    found = SCHEMA.choose(text, None, None)
    assert isinstance(found, Chosen), found
    return found


def test_a_document_is_parsed_and_planned_once() -> None:
    text = "{organisations {nodes {name}}}"
    first, second = choose(text), choose(text)
    assert first.document is second.document
    made = PLANS.plan(first.question, Eyes())
    assert PLANS.plan(second.question, Eyes()) is made
    assert PLANS.plan(second.question, Eyes(trusted=True)) is not made


def test_a_thousand_documents_push_out_those_that_were_asked_longest_ago() -> None:
    wanted = choose("{organisations {nodes {siren}}}").document
    for number in range(documents.MOST + 20):
        PLANS.plan(choose(f"{{a{number}: organisations {{totalCount}}}}").question, Eyes())
        if number % 100 == 0:
            assert choose("{organisations {nodes {siren}}}").document is wanted
    assert len(SCHEMA.documents) == documents.MOST
    assert len(PLANS) == plans.MOST


def test_long_documents_are_fewer() -> None:
    padding = "#" * (documents.LONGEST - 100)
    for number in range(40):
        choose(f"{{a{number}: organisations {{totalCount}}}} {padding}")
        assert SCHEMA.documents.weight <= documents.HEAVIEST
    assert len(SCHEMA.documents) <= documents.HEAVIEST // len(padding)
    kept = len(SCHEMA.documents)
    choose(f"{{organisations {{totalCount}}}} {'#' * documents.LONGEST}")
    assert len(SCHEMA.documents) == kept
