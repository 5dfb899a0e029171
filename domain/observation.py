"""Observation: what an alliance measures, from where, towards what, and with which result."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from domain import identity
from domain.alliance import Alliance, AllianceClosed, member
from domain.command import Command, Work, command
from domain.identity import Id
from domain.indicator import (
    BoundsReversed,
    Definition,
    Direction,
    IndicatorExists,
    IndicatorNotInUse,
    MeasurementExists,
    MeasurementSubject,
    MeasurementVoid,
    NothingToCorrect,
    Source,
    ValueOutOfBounds,
)
from domain.membership import NotAMember, ThemeNotOpen
from domain.quantity import InvalidQuantity
from domain.roadmap import DayStillToCome
from domain.role import PEOPLE, REPRESENTATIVES, Role
from domain.theme import Theme
from domain.unit import UnitOfAnotherDimension, UnknownUnit

READING = (InvalidQuantity, UnknownUnit, UnitOfAnotherDimension, ValueOutOfBounds)
"""What refuses a value of an indicator."""


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    refuses=(
        AllianceClosed,
        ThemeNotOpen,
        IndicatorExists,
        UnknownUnit,
        BoundsReversed,
        InvalidQuantity,
    ),
    creates="indicator",
)
class DefineIndicator(Command):
    """Settle what an alliance measures, in which unit, and which way is good."""

    alliance: Annotated[Id, "The alliance."]
    name: Annotated[str, "What is measured, 1 to 200 characters, unlike any other in use here."]
    unit: Annotated[str, "Its unit, such as t CO2e, m³, %, €, ha, kWh/m² or count."]
    direction: Annotated[Direction, "Which way it is meant to go."]
    precision: Annotated[int | None, "To how many decimals values are kept, 0 to 10."] = None
    least: Annotated[Decimal | None, "The least value that it can have."] = None
    most: Annotated[Decimal | None, "The greatest value that it can have."] = None
    theme: Annotated[Theme | None, "The theme that it serves, if it is one."] = None
    code: Annotated[
        str | None, "A code that the same indicator bears in every alliance that measures it."
    ] = None
    description: Annotated[str | None, "What it takes in and what it leaves out."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        definition = Definition(
            name=self.name,
            unit=self.unit,
            direction=self.direction,
            precision=self.precision,
            least=self.least,
            most=self.most,
            theme=self.theme,
            code=self.code,
            description=self.description,
        )
        alliance.define_indicator(work.new_id(), definition)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class DropIndicator(Command):
    """Use an indicator no more; what was measured stays."""

    alliance: Annotated[Id, "The alliance."]
    indicator: Annotated[Id, "The indicator."]
    reason: Annotated[str, "Why it is dropped."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.drop_indicator(identity.internal("indicator", self.indicator), self.reason)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=REPRESENTATIVES,
    refuses=(AllianceClosed, IndicatorNotInUse, NotAMember, *READING),
)
class RecordBaseline(Command):
    """State where an indicator stood at the start; a later finding replaces it."""

    alliance: Annotated[Id, "The alliance."]
    indicator: Annotated[Id, "The indicator."]
    organisation: Annotated[Id | None, "The member; the whole alliance when left out."] = None
    year: Annotated[int, "The year of which the value speaks."]
    value: Annotated[Decimal, "Where it stood."]
    unit: Annotated[str | None, "The unit of the value; the indicator's when left out."] = None
    source: Annotated[Source | None, "Where the value comes from."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.record_baseline(
            identity.internal("indicator", self.indicator),
            year=self.year,
            value=self.value,
            unit=self.unit,
            organisation=await _measured(self.organisation, alliance, work),
            source=self.source,
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=REPRESENTATIVES,
    refuses=(AllianceClosed, IndicatorNotInUse, NotAMember, *READING),
)
class SetTarget(Command):
    """Settle where an indicator is to be in a year; a later target for it replaces this one."""

    alliance: Annotated[Id, "The alliance."]
    indicator: Annotated[Id, "The indicator."]
    organisation: Annotated[Id | None, "The member; the whole alliance when left out."] = None
    due_year: Annotated[int, "The year in which it is to be there."]
    value: Annotated[Decimal, "Where it is to be."]
    unit: Annotated[str | None, "The unit of the value; the indicator's when left out."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.set_target(
            identity.internal("indicator", self.indicator),
            due_year=self.due_year,
            value=self.value,
            unit=self.unit,
            organisation=await _measured(self.organisation, alliance, work),
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,), by_organisation=REPRESENTATIVES, refuses=(AllianceClosed,)
)
class DropTarget(Command):
    """Give up the target of an indicator for a year."""

    alliance: Annotated[Id, "The alliance."]
    indicator: Annotated[Id, "The indicator."]
    organisation: Annotated[Id | None, "The member; the whole alliance when left out."] = None
    due_year: Annotated[int, "The year for which it was set."]
    reason: Annotated[str, "Why it is given up."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.drop_target(
            identity.internal("indicator", self.indicator),
            self.due_year,
            self.reason,
            await _measured(self.organisation, alliance, work),
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=PEOPLE,
    refuses=(
        AllianceClosed,
        IndicatorNotInUse,
        NotAMember,
        DayStillToCome,
        MeasurementExists,
        *READING,
    ),
    creates="measurement",
)
class ReportMeasurement(Command):
    """State what a source found of an indicator over a period that is past."""

    alliance: Annotated[Id, "The alliance."]
    indicator: Annotated[Id, "The indicator."]
    organisation: Annotated[Id | None, "The member; the whole alliance when left out."] = None
    starts_on: Annotated[date, "The first day of which the value speaks."]
    ends_on: Annotated[date, "The last day of which it speaks, not in the future."]
    value: Annotated[Decimal, "What was measured."]
    unit: Annotated[str | None, "The unit of the value; the indicator's when left out."] = None
    source: Annotated[Source, "Where the value comes from."]
    note: Annotated[str | None, "What one should know about it."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        subject = MeasurementSubject(
            indicator=identity.internal("indicator", self.indicator),
            organisation=await _measured(self.organisation, alliance, work),
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            source=self.source,
        )
        alliance.report_measurement(
            work.new_id(), subject, value=self.value, unit=self.unit, note=self.note
        )
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(MeasurementVoid, NothingToCorrect, *READING))
class CorrectMeasurement(Command):
    """Put a measurement right, even after the closing; what it said before is never erased."""

    alliance: Annotated[Id, "The alliance."]
    measurement: Annotated[Id, "The measurement."]
    value: Annotated[Decimal, "What it should say."]
    unit: Annotated[str | None, "The unit of the value; the indicator's when left out."] = None
    reason: Annotated[str, "Why what it said before is wrong."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        measurement = identity.internal("measurement", self.measurement)
        alliance.correct_measurement(measurement, self.value, self.reason, self.unit)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,))
class WithdrawMeasurement(Command):
    """Let a measurement count no more, even after the closing; it stays in the history."""

    alliance: Annotated[Id, "The alliance."]
    measurement: Annotated[Id, "The measurement."]
    reason: Annotated[str, "Why it does not count."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        measurement = identity.internal("measurement", self.measurement)
        alliance.withdraw_measurement(measurement, self.reason)
        return alliance


async def _measured(organisation: Id | None, alliance: Alliance, work: Work) -> UUID | None:
    return None if organisation is None else await member(organisation, alliance, work)
