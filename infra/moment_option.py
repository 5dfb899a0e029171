"""The option by which a command is told a moment: a position, a day, or a time."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final

import typer

from api.ports import Moments
from domain.calendar import PARIS

_POSITION: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_TIME: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"([T ](?P<hour>\d\d:\d\d(:\d\d(\.\d{1,6})?)?)(?P<offset>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)

_HOW: Final = (
    "write a position of the log, a day such as 2026-03-31, which is meant to its end, or a time"
    " such as 2026-03-31T18:00, on the clocks of Paris unless an offset says otherwise"
)


@dataclass(frozen=True, slots=True)
class SaidMoment:
    """A moment as somebody said it: a position, or an instant in UTC."""

    moment: int | datetime

    async def position(self, moments: Moments) -> int:
        """Give the position after which it is.

        Raises:
            api.moments.MomentAhead: it is yet to come.
            api.ports.ReadsUnavailable: the database does not answer.
        """
        if isinstance(self.moment, datetime):
            return await moments.position_at(self.moment)
        await moments.come_to(self.moment)
        return self.moment


def read_moment(said: str) -> SaidMoment:
    """Read a moment.

    Raises:
        typer.BadParameter: it is none, or the clocks of Paris show it twice or never.
    """
    if _POSITION.fullmatch(said):
        return SaidMoment(int(said))
    found = _TIME.fullmatch(said)
    if found is None:
        raise typer.BadParameter(f"{said!r} is no moment: {_HOW}.")
    try:
        day = date.fromisoformat(found["day"])
        if found["hour"] is None:
            return SaidMoment(_end_of(day))
        shown = datetime.combine(day, time.fromisoformat(found["hour"]))
        if found["offset"] is None:
            return SaidMoment(_in_paris(shown))
        return SaidMoment(datetime.fromisoformat(f"{shown}{found['offset']}").astimezone(UTC))
    except (ValueError, OverflowError) as wrong:
        raise typer.BadParameter(f"{said!r} is no moment ({wrong}): {_HOW}.") from wrong


MomentOption = Annotated[
    SaidMoment | None,
    typer.Option(
        "--at",
        parser=read_moment,
        metavar="MOMENT",
        help="As of this moment: a position, a day to its end, or a time such as 2026-03-31T18:00"
        " (in Paris, unless an offset such as +00:00 follows).",
    ),
]
"""``--at MOMENT``; None where nothing was said."""


def _end_of(day: date) -> datetime:
    """Give the last instant of a day in Paris, where no clock is changed at midnight."""
    midnight = datetime.combine(day + timedelta(days=1), time(), PARIS)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def _in_paris(shown: datetime) -> datetime:
    """Give the one instant at which the clocks of Paris show a time.

    Raises:
        typer.BadParameter: there are two, or none.
    """
    first, second = (shown.replace(tzinfo=PARIS, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(PARIS).replace(tzinfo=None) != shown:
        raise typer.BadParameter(
            f"the clocks of Paris never show {shown.isoformat(' ')}: they are put forward then."
            " Write another time, or an offset."
        )
    raise typer.BadParameter(
        f"the clocks of Paris show {shown.isoformat(' ')} twice: write {first.isoformat()} or"
        f" {second.isoformat()}."
    )
