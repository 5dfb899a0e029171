"""Given what alliances weigh, when it is folded, then this can be read."""

from datetime import date

from domain.deliberation import DecidePriorities, RecordArgument, ScoreOption, WithdrawOption
from domain.identity import Id
from domain.prioritisation import Side
from projections.prioritisations import (
    ArgumentRow,
    CriterionRow,
    OptionRow,
    OptionScoreRow,
    OptionStatus,
    PrioritisationRow,
)
from tests.projections.folding import only, shown
from tests.projections.test_alliances import Told


def argue(told: Told, prioritisation: Id, side: Side, text: str, **about: Id | str) -> None:
    """Note what speaks for or against."""
    told.do(
        RecordArgument(
            alliance=told.alliance,
            prioritisation=prioritisation,
            side=side,
            text=text,
            **about,  # type: ignore[arg-type]
        )
    )


def test_arguments_stand_on_both_sides_of_an_option() -> None:
    told = Told()
    prioritisation = told.prioritisation()
    option = told.option(prioritisation)
    argue(told, prioritisation, Side.FOR, "De l’élan", option=option, organisation=told.member)
    argue(told, prioritisation, Side.AGAINST, "Trop tôt", option=option, role="pilote")
    rows = shown(told.rows(), ArgumentRow, "version")
    assert [(row.side, row.text, row.organisation_id, row.role) for row in rows] == [
        (Side.FOR, "De l’élan", told.member, None),
        (Side.AGAINST, "Trop tôt", None, "pilote"),
    ]
    assert {row.option_id for row in rows} == {option}


def test_of_a_members_scores_the_last_is_shown() -> None:
    told = Told()
    prioritisation = told.prioritisation()
    option, criterion = told.option(prioritisation), told.criterion(prioritisation)
    for score in (2, 4):
        told.do(
            ScoreOption(
                alliance=told.alliance,
                prioritisation=prioritisation,
                organisation=told.member,
                option=option,
                criterion=criterion,
                score=score,
            )
        )
    assert only(told.rows(), OptionScoreRow).score == 4
    names = [row.name for row in shown(told.rows(), CriterionRow, "version")]
    assert names == ["Impact", "Écosystème favorable"]


def test_a_decision_ranks_what_was_chosen_among_what_was_open() -> None:
    told = Told()
    prioritisation = told.prioritisation()
    first, second, third = (
        told.option(prioritisation, title) for title in ("Se loger", "Produire", "Se nourrir")
    )
    told.do(
        WithdrawOption(
            alliance=told.alliance, prioritisation=prioritisation, option=third, reason="Hors sujet"
        )
    )
    assert only(told.rows(), PrioritisationRow).decided_on is None
    told.do(
        DecidePriorities(
            alliance=told.alliance,
            prioritisation=prioritisation,
            options=[second],
            rationale="Un écosystème favorable",
            decided_on=date(2026, 1, 20),
        )
    )
    rows = told.rows()
    decided = only(rows, PrioritisationRow)
    assert (decided.decided_on, decided.rationale) == (
        date(2026, 1, 20),
        "Un écosystème favorable",
    )
    assert {row.id: (row.status, row.rank) for row in rows.all(OptionRow)} == {
        first: (OptionStatus.NOT_CHOSEN, None),
        second: (OptionStatus.CHOSEN, 1),
        third: (OptionStatus.WITHDRAWN, None),
    }


def test_what_a_merged_member_said_is_its_survivors_whose_own_scores_stay() -> None:
    told = Told()
    prioritisation = told.prioritisation()
    option, criterion = told.option(prioritisation), told.criterion(prioritisation)
    argue(told, prioritisation, Side.FOR, "De l’élan", organisation=told.member)
    for organisation, score in ((told.member, 2), (told.other, 5)):
        told.do(
            ScoreOption(
                alliance=told.alliance,
                prioritisation=prioritisation,
                organisation=organisation,
                option=option,
                criterion=criterion,
                score=score,
            )
        )
    told.merge(told.member, told.other)
    rows = told.rows()
    assert only(rows, ArgumentRow).organisation_id == told.other
    score_row = only(rows, OptionScoreRow)
    assert (score_row.organisation_id, score_row.score) == (told.other, 5)
