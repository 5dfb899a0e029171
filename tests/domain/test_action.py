"""An action: how it is proposed, what it says, under what it counts, who may read it."""

from uuid import uuid4

import pytest

from domain.action import Action, ActionVisibility, PartOfAnotherPlan
from domain.ownership import ActionOwner
from domain.refusal import BlankText, ControlCharacters, DatesReversed, TextTooLong, TooManyItems
from domain.sheet import (
    ActionCategory,
    ActionPriority,
    Audience,
    Axis,
    AxisMissing,
    Classification,
    ParticipationLevel,
    Wording,
)
from domain.territory import UnknownTerritory
from domain.theme import Theme
from tests.domain.actions import (
    GEOTHERMAL,
    LAST_YEAR,
    LEVER,
    OWN,
    ROADMAP,
    TODAY,
    facts,
    names,
    proposed,
    refused,
)
from tests.domain.given import BELL, LONG
from tests.domain.work import NOW

TITLE_OF_216_CHARACTERS = (
    "Réduire les usages et les risques des produits phytopharmaceutiques pour les futurs "
    "professionnels de l’agriculture au travers de la recherche et du développement au sein "
    "des établissements agricoles normands"
)


def propose(**fields: object) -> Action:
    given: dict[str, object] = {"owner": OWN, "wording": Wording(title=GEOTHERMAL)}
    return Action.propose(uuid4(), now=NOW, **{**given, **fields})  # type: ignore[arg-type]


# proposing


def test_an_action_may_be_a_title_and_nothing_else() -> None:
    action = propose()

    assert facts(action) == [
        (
            "Proposed",
            {
                "owner": OWN,
                "part_of": None,
                "code": None,
                "wording": Wording(title=GEOTHERMAL),
                "axis": Axis(),
                "classification": Classification(),
            },
        )
    ]
    assert action.status is None, "nobody said where it stands"


def test_an_action_may_say_all_that_a_sheet_has() -> None:
    wording = Wording(
        title=GEOTHERMAL,
        description="Une animation",
        objectives="Dix réseaux",
        expected_effects="Moins de gaz",
        means="Deux postes",
        indicators="Nombre de réseaux",
    )
    axis = Axis(axis="Axe 1", sub_axis="ENR", sub_sub_axis="Chaleur")
    classification = Classification(
        category=ActionCategory.KNOWLEDGE,
        themes=(Theme.PRODUCING, Theme.TRANSVERSAL),
        audiences=(Audience.COMPANIES,),
        territories=("region:28", "departement:76"),
        participation=ParticipationLevel.CONSULTATION,
        priority=ActionPriority.HIGH,
    )
    whole = propose()
    action = propose(
        wording=wording, axis=axis, classification=classification, code="4_13", part_of=whole
    )

    assert (action.wording, action.axis, action.classification) == (wording, axis, classification)
    assert facts(action)[0][1]["part_of"] == whole.id


def test_a_code_is_kept_as_it_is_written() -> None:
    assert [propose(code=code).code for code in ("1_112", "4_12", "04_12", " 4_13 ", "10 bis")] == [
        "1_112",
        "4_12",
        "04_12",
        "4_13",
        "10 bis",
    ]


def test_a_title_may_be_a_whole_sentence_of_a_plan() -> None:
    assert propose(wording=Wording(title=TITLE_OF_216_CHARACTERS)).wording.title


def test_a_title_has_500_characters_at_most() -> None:
    assert len(propose(wording=Wording(title="é" * 500)).wording.title) == 500
    with pytest.raises(TextTooLong) as caught:
        propose(wording=Wording(title="é" * 501))
    assert caught.value.path == "title"


@pytest.mark.parametrize(
    ("title", "refusal"),
    [
        ("", BlankText),
        (" \n\t", BlankText),
        (LONG, TextTooLong),
        (BELL, ControlCharacters),
        ("Deux\nlignes", ControlCharacters),
        ("Un\tsaut", ControlCharacters),
    ],
)
def test_a_title_is_visible_and_on_one_line(title: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        propose(wording=Wording(title=title))


@pytest.mark.parametrize(
    "field", ["description", "objectives", "expected_effects", "means", "indicators"]
)
@pytest.mark.parametrize(
    ("bad", "refusal"), [("", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_what_a_sheet_says_is_visible_and_bounded(
    field: str, bad: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as caught:
        propose(wording=Wording(title=GEOTHERMAL, **{field: bad}))
    assert caught.value.path == field  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "refusal"), [("", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_a_code_is_visible_and_bounded(code: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        propose(code=code)


@pytest.mark.parametrize(
    ("axis", "path"),
    [
        (Axis(sub_axis="ENR"), "axis"),
        (Axis(sub_sub_axis="Chaleur"), "sub_axis"),
        (Axis(axis="Axe 1", sub_sub_axis="Chaleur"), "sub_axis"),
    ],
)
def test_a_part_of_an_axis_is_not_named_without_the_axis(axis: Axis, path: str) -> None:
    with pytest.raises(AxisMissing) as caught:
        propose(axis=axis)
    assert caught.value.path == path


def test_territories_are_those_of_reference() -> None:
    with pytest.raises(UnknownTerritory) as caught:
        propose(classification=Classification(territories=("region:28", "region:99")))
    assert caught.value.path == "territories.1"


def test_what_is_named_twice_counts_once() -> None:
    action = propose(
        classification=Classification(
            themes=(Theme.MOVING, Theme.EATING, Theme.MOVING),
            audiences=(Audience.CITIZENS, Audience.CITIZENS),
            territories=("region:28", "region:28"),
        )
    )

    assert action.classification.themes == (Theme.MOVING, Theme.EATING)
    assert action.classification.audiences == (Audience.CITIZENS,)
    assert action.classification.territories == ("region:28",)


@pytest.mark.parametrize("field", ["themes", "audiences", "territories"])
def test_a_list_of_endless_length_is_refused(field: str) -> None:
    item = {"themes": Theme.EATING, "audiences": Audience.CITIZENS, "territories": "region:28"}
    with pytest.raises(TooManyItems) as caught:
        propose(classification=Classification(**{field: (item[field],) * 10_000}))  # type: ignore[arg-type]
    assert caught.value.path == field


def test_an_action_has_one_owner() -> None:
    for mixed in (
        {},
        {"roadmap": ROADMAP},
        {"lever": LEVER},
        {"alliance": ROADMAP, "roadmap": ROADMAP},
        {"alliance": ROADMAP, "roadmap": ROADMAP, "lever": LEVER},
    ):
        with pytest.raises(ValueError, match="either an alliance"):
            ActionOwner(**mixed)


def test_an_action_is_a_part_of_one_with_the_same_owner() -> None:
    elsewhere = proposed(owner=ActionOwner(roadmap=ROADMAP, lever=LEVER))
    with pytest.raises(PartOfAnotherPlan) as caught:
        propose(part_of=elsewhere)
    assert elsewhere.id.hex in caught.value.message("fr")


# what it says


def test_an_action_says_what_it_was_last_given_and_nothing_else() -> None:
    action = proposed()
    action.reword(Wording(title=GEOTHERMAL, description="Trois postes"))
    action.reword(Wording(title=GEOTHERMAL, description="Trois postes "))
    action.reword(Wording(title=GEOTHERMAL))

    assert names(action) == ["Reworded", "Reworded"]
    assert action.wording == Wording(title=GEOTHERMAL)


def test_the_code_of_an_action_can_change_and_go() -> None:
    action = proposed(code="4_13")
    for code in ("4_13", "4_14", None, None):
        action.recode(code)

    assert facts(action) == [("Recoded", {"code": "4_14"}), ("Recoded", {"code": None})]


def test_an_action_is_scheduled_as_far_as_its_period_is_known() -> None:
    action = proposed()
    action.schedule(LAST_YEAR, None)
    action.schedule(LAST_YEAR, None)
    action.schedule(LAST_YEAR, TODAY)
    action.schedule(None, None)

    assert [tuple(fact.values()) for _, fact in facts(action)] == [
        (LAST_YEAR, None),
        (LAST_YEAR, TODAY),
        (None, None),
    ]


def test_an_action_does_not_end_before_it_starts() -> None:
    action = proposed()
    with refused(action, DatesReversed, "ends_on"):
        action.schedule(TODAY, LAST_YEAR)
    with refused(action, DatesReversed, "ends_on"):
        action.correct_schedule(TODAY, LAST_YEAR, "Lapsus")


# under what it counts


def test_an_action_is_classified_one_thing_at_a_time() -> None:
    action = proposed()
    for _ in range(2):
        action.categorise(ActionCategory.ATTRACTIVENESS)
        action.set_themes([Theme.HOUSING])
        action.set_audiences([Audience.YOUNG_PEOPLE])
        action.set_territories(["epci:246300701"])
        action.set_participation(ParticipationLevel.CO_CONSTRUCTION)
        action.prioritise(ActionPriority.LOW)
        action.place_in_axis(Axis(axis="Axe 5"))

    assert names(action) == [
        "Categorised",
        "ThemesSet",
        "AudiencesSet",
        "TerritoriesSet",
        "ParticipationSet",
        "PrioritySet",
        "PlacedInAxis",
    ]


def test_what_was_stated_can_be_taken_back() -> None:
    action = proposed(
        classification=Classification(
            category=ActionCategory.KNOWLEDGE,
            themes=(Theme.EATING,),
            participation=ParticipationLevel.NONE,
            priority=ActionPriority.HIGH,
        )
    )
    action.categorise(None)
    action.set_themes([])
    action.set_participation(None)
    action.prioritise(None)

    assert action.classification == Classification()
    assert len(facts(action)) == 4


def test_the_order_of_themes_is_that_in_which_they_are_given() -> None:
    action = proposed(classification=Classification(themes=(Theme.EATING, Theme.MOVING)))
    action.set_themes([Theme.MOVING, Theme.EATING])

    assert facts(action) == [("ThemesSet", {"themes": (Theme.MOVING, Theme.EATING)})]


@pytest.mark.parametrize("bad", ["region:99", "Normandie", "", "region:28 "])
def test_an_action_takes_place_in_territories_of_reference(bad: str) -> None:
    action = proposed()
    with refused(action, UnknownTerritory, "territories.0"):
        action.set_territories([bad])


def test_no_participation_is_not_the_same_as_participation_that_is_not_stated() -> None:
    action = proposed()
    action.set_participation(ParticipationLevel.NONE)

    assert names(action) == ["ParticipationSet"]


# who may read it


def test_the_owner_may_restrict_an_action_and_make_it_public_again() -> None:
    action = proposed()
    action.set_visibility(ActionVisibility.PUBLIC)
    action.set_visibility(ActionVisibility.RESTRICTED, "Négociation en cours")
    action.set_visibility(ActionVisibility.RESTRICTED, "Autre motif")
    action.set_visibility(ActionVisibility.PUBLIC)

    assert [fact["visibility"].en for _, fact in facts(action)] == ["restricted", "public"]
