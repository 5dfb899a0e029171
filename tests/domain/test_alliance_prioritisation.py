"""How an alliance weighs its options: criteria, arguments, scores, and a decision with reasons."""

from datetime import date
from typing import Any

import pytest

from domain.alliance import Alliance
from domain.deliberation import (
    AddOption,
    DecidePriorities,
    OpenPrioritisation,
    RecordArgument,
    ScoreOption,
    WithdrawOption,
)
from domain.identity import Id, internal
from domain.membership import NotAMember
from domain.party import PartyUnclear
from domain.prioritisation import (
    CriterionEntry,
    CriterionMissing,
    NothingChosen,
    OptionEntry,
    OptionNotOpen,
    PrioritiesAreDecided,
    Side,
)
from domain.refusal import InvalidNumber, NotFound, TooManyItems
from domain.roadmap import DayStillToCome
from tests.domain.alliances import TODAY, TOMORROW, Assembly

CRITERIA = [CriterionEntry(name="Impact"), CriterionEntry(name="Écosystème favorable")]


class Ranking(Assembly):
    """An assembly that weighs two options against one more criterion."""

    def __init__(self) -> None:
        super().__init__()
        self.ranking = self.prioritisation()
        self.moving, self.producing = self.option(self.ranking), self.option(self.ranking, "Créer")
        self.impact = self.criterion(self.ranking)

    def scoring(self, score: int = 3, **fields: Any) -> ScoreOption:
        given: dict[str, Any] = {
            "organisation": self.member,
            "option": self.moving,
            "criterion": self.impact,
            **fields,
        }
        return ScoreOption(
            alliance=self.alliance, prioritisation=self.ranking, score=score, **given
        )

    def arguing(self, **fields: Any) -> RecordArgument:
        given: dict[str, Any] = {"side": Side.FOR, "text": "Un levier déterminant", **fields}
        return RecordArgument(alliance=self.alliance, prioritisation=self.ranking, **given)

    def deciding(self, *options: Id, **fields: Any) -> DecidePriorities:
        return DecidePriorities(
            alliance=self.alliance,
            prioritisation=self.ranking,
            options=list(options),
            rationale="Réduire d’abord les émissions",
            **fields,
        )

    def withdrawing(self, option: Id) -> WithdrawOption:
        return WithdrawOption(
            alliance=self.alliance, prioritisation=self.ranking, option=option, reason="Trop tôt"
        )


# opening


def test_a_prioritisation_opens_with_its_criteria_and_options_in_order() -> None:
    world = Assembly()
    events = world.send(
        OpenPrioritisation(
            alliance=world.alliance,
            title="Deuxième chantier",
            criteria=CRITERIA,
            options=[OptionEntry(title="Mieux produire"), OptionEntry(title="Écosystèmes")],
        )
    )

    criteria = [event.name for event in events if isinstance(event, Alliance.CriterionAdded)]
    options = [event.title for event in events if isinstance(event, Alliance.OptionAdded)]
    assert criteria == ["Impact", "Écosystème favorable"]
    assert options == ["Mieux produire", "Écosystèmes"]


def test_a_prioritisation_without_criteria_is_refused() -> None:
    world = Assembly()
    with world.refuses(CriterionMissing, "criteria"):
        world.send(OpenPrioritisation(alliance=world.alliance, title="Leviers", criteria=[]))


@pytest.mark.parametrize(
    ("least", "most", "path"),
    [
        (-1, 5, "least_score"),
        (100, 100, "least_score"),
        (5, 5, "most_score"),
        (1, 101, "most_score"),
    ],
)
def test_a_scale_of_scores_lies_between_nought_and_a_hundred(
    least: int, most: int, path: str
) -> None:
    world = Assembly()
    with world.refuses(InvalidNumber, path):
        world.send(
            OpenPrioritisation(
                alliance=world.alliance,
                title="Leviers",
                criteria=CRITERIA,
                least_score=least,
                most_score=most,
            )
        )


def test_endless_options_are_refused() -> None:
    world = Assembly()
    with world.refuses(TooManyItems, "options"):
        world.send(
            OpenPrioritisation(
                alliance=world.alliance,
                title="Leviers",
                criteria=CRITERIA,
                options=[OptionEntry(title="Encore")] * 101,
            )
        )


# arguments


def test_both_sides_of_an_argument_are_kept() -> None:
    world = Ranking()
    world.only(world.arguing(option=world.producing), Alliance.ArgumentRecorded)
    against = world.arguing(
        option=world.producing, side=Side.AGAINST, text="Un écosystème déjà mobilisé"
    )

    recorded = world.only(against, Alliance.ArgumentRecorded)
    assert recorded.said.side is Side.AGAINST
    assert world.send(against) == []


def test_an_argument_may_speak_of_the_whole_question_and_come_from_nobody_in_particular() -> None:
    world = Ranking()
    said = world.only(
        world.arguing(side=Side.AGAINST, text="Un risque d’éparpillement"),
        Alliance.ArgumentRecorded,
    ).said

    assert (said.option, said.party) == (None, None)


def test_an_argument_comes_from_an_organisation_or_from_a_role() -> None:
    world = Ranking()
    with world.refuses(PartyUnclear, "organisation"):
        world.send(world.arguing(organisation=world.member, role="animatrice"))
    said = world.only(world.arguing(role="animatrice"), Alliance.ArgumentRecorded).said

    assert said.party is not None


def test_an_argument_on_an_option_that_is_not_open_is_refused() -> None:
    world = Ranking()
    world.send(world.withdrawing(world.producing))
    with world.refuses(OptionNotOpen, "option"):
        world.send(world.arguing(option=world.producing))


# scores


def test_a_member_scores_an_option_and_its_last_score_counts() -> None:
    world = Ranking()
    world.only(world.scoring(3), Alliance.OptionScored)
    assert world.send(world.scoring(3)) == []
    world.only(world.scoring(4), Alliance.OptionScored)

    (ranking,) = world.state().prioritisations.values()
    assert list(ranking.scores.values()) == [4]


def test_a_score_by_a_non_member_is_refused() -> None:
    world = Ranking()
    stranger = world.organisation("Passante")
    with world.refuses(NotAMember, "organisation"):
        world.send(world.scoring(organisation=stranger))


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_lies_within_the_bounds(score: int) -> None:
    world = Ranking()
    with world.refuses(InvalidNumber, "score"):
        world.send(world.scoring(score))


def test_a_score_against_a_criterion_of_another_prioritisation_is_refused() -> None:
    world = Ranking()
    elsewhere = world.criterion(world.prioritisation())
    with world.refuses(NotFound, "criterion"):
        world.send(world.scoring(criterion=elsewhere))


def test_an_option_that_was_withdrawn_is_not_scored() -> None:
    world = Ranking()
    world.only(world.withdrawing(world.moving), Alliance.OptionWithdrawn)
    assert world.send(world.withdrawing(world.moving)) == []
    with world.refuses(OptionNotOpen, "option"):
        world.send(world.scoring())


# decision


def test_a_decision_names_what_was_chosen_and_what_was_open() -> None:
    world = Ranking()
    decides = world.deciding(world.producing, world.moving, world.producing)

    decision = world.only(decides, Alliance.PrioritiesDecided).decision
    moving, producing = (internal("option", one) for one in (world.moving, world.producing))
    assert decision.chosen == (producing, moving)
    assert decision.among == (moving, producing)
    assert decision.decided_on == TODAY
    assert world.send(decides) == []


def test_a_decision_on_an_option_that_was_never_open_is_refused() -> None:
    world = Ranking()
    elsewhere = world.option(world.prioritisation())
    with world.refuses(OptionNotOpen, "options.1") as refused:
        world.send(world.deciding(world.moving, elsewhere))

    assert world.moving in refused.value.message("fr")


def test_a_decision_on_an_option_that_was_withdrawn_is_refused() -> None:
    world = Ranking()
    world.send(world.withdrawing(world.producing))
    with world.refuses(OptionNotOpen, "options.0"):
        world.send(world.deciding(world.producing))


def test_a_decision_chooses_something() -> None:
    world = Ranking()
    with world.refuses(NothingChosen, "options"):
        world.send(world.deciding())


def test_a_decision_was_not_taken_tomorrow() -> None:
    world = Ranking()
    with world.refuses(DayStillToCome, "decided_on"):
        world.send(world.deciding(world.moving, decided_on=TOMORROW))


def test_after_the_decision_nothing_is_argued_scored_added_or_decided() -> None:
    world = Ranking()
    world.send(world.deciding(world.moving, decided_on=date(2026, 1, 14)))
    adds = AddOption(alliance=world.alliance, prioritisation=world.ranking, title="Encore")

    for command in (
        world.scoring(),
        world.arguing(),
        adds,
        world.withdrawing(world.moving),
        world.deciding(world.producing),
    ):
        with world.refuses(PrioritiesAreDecided, "prioritisation"):
            world.send(command)
