"""Deeds: planned mutations are done, one after the other, and answered."""

from typing import Any

from graphql import GraphQLError

from api.answers import bound, fragment, read
from api.consistency import catch_up
from api.context import Operation
from api.faults import fault
from api.outcomes import Step
from api.ports import Done
from api.question import Question
from api.refusals import present, undeclared
from domain.refusal import Refusal


async def perform(
    steps: tuple[Step, ...], question: Question, operation: Operation
) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """Do the mutations of an operation, and give data and errors.

    A refusal is data. A fault ends the operation: what was done before it stays done, which the
    caller can learn by sending it again with the same command ids.

    Raises:
        GraphQLError: an argument makes no sense; nothing was done.
    """
    arguments = [bound(step.success.compiled, question, operation) for step in steps]
    language = operation.caller.language
    data: dict[str, Any] = {}
    errors: list[GraphQLError] = []
    for step, given in zip(steps, arguments, strict=True):
        command = step.read(question.variables)
        try:
            done = await operation.commands.execute(command, operation.caller)
        except Refusal as refusal:
            if type(refusal) in step.refusals:
                data[step.key] = _refused(step, refusal, operation)
                continue
            errors.append(fault(undeclared(step.command, refusal), language, [step.key]))
            return None, errors
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged and masked
            errors.append(fault(error, language, [step.key]))
            return None, errors
        operation.wrote(done.position)
        data[step.key] = await _succeeded(step, done, given, operation, errors)
    return data, errors


async def _succeeded(
    step: Step, done: Done, given: list[object], operation: Operation, errors: list[GraphQLError]
) -> dict[str, Any]:
    success = step.success
    shown: dict[str, Any] = {key: tell(done) for key, tell in success.told.items()}
    if success.entities or success.queries:
        reserved = [done.id] if success.entities else []
        try:
            await catch_up(operation, done.position)
            row = await read(success.compiled, [*reserved, *given], operation)
        except Exception as error:  # noqa: BLE001 - what was done stays told, whatever this is
            for key in (*success.entities, *success.queries):
                shown[key] = None
                errors.append(fault(error, operation.caller.language, [step.key, key]))
        else:
            for key, column in success.entities.items():
                shown[key] = fragment(row, column)
            for key, columns in success.queries.items():
                shown[key] = {inner: fragment(row, column) for inner, column in columns.items()}
    return {key: shown[key] for key in success.keys}


def _refused(step: Step, refusal: Refusal, operation: Operation) -> dict[str, Any]:
    shown = present(refusal, operation.caller.language)
    return {
        key: shown.kind.__name__ if name == "__typename" else getattr(shown, name)
        for key, name in step.refusals[type(refusal)].items()
    }
