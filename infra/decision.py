"""A command being decided: what it changes, and what is noted beside it."""

from datetime import date
from typing import cast

from api.ports import Caller
from domain import access, text
from domain.aggregate import Aggregate
from domain.command import Command, Envelope
from domain.organisation import Organisation
from domain.principal import Principal
from domain.record import Metadata
from domain.refusal import StaleVersion
from domain.standing import ANYBODY, Standing
from infra.unit_of_work import UnitOfWork


async def decide(command: Command, caller: Caller, work: UnitOfWork) -> tuple[Aggregate, Metadata]:
    """Decide a command in some work, and give the aggregate of which it speaks.

    Raises:
        Refusal: the command, or what is sent along with it, is not accepted.
    """
    standing = None
    if not caller.trusted:
        standing = await _standing(caller, work)
        await access.admit(command, standing, work)
    subject = await command.decide(work)
    expected, actual = command.expected_version, work.versions()[subject.id]
    if expected is not None and expected != actual:
        raise StaleVersion("expected_version", expected=expected, actual=actual)
    behalf = command.on_behalf_of
    if behalf is not None:
        organisation = await work.get(Organisation, behalf)
        if standing is not None:
            await access.admit_on_behalf_of(organisation, standing, work)
        behalf_of = organisation.id
    return subject, Metadata(
        actor=caller.actor,
        command=type(command).__name__,
        on_behalf_of=None if behalf is None else behalf_of,
        effective_on=_sensible(command.effective_on),
        reason=text.optional_text(cast(Envelope, command).reason, "reason"),
    )


async def _standing(caller: Caller, work: UnitOfWork) -> Standing:
    """What a caller holds; the command counts only if they hold it until it is stored."""
    if caller.principal is None:
        return ANYBODY
    principal = await work.look(Principal, caller.principal)
    return Standing(caller.principal) if principal is None else principal.standing


def _sensible(day: date | None) -> date | None:
    if day is not None:
        text.within(day.year, 1900, 2200, "effective_on")
    return day
