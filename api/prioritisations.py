"""Prioritisations of alliances: criteria, options, arguments on both sides, and the decision."""

from api.entity import connection, entity, many, one
from api.node import Node
from projections.prioritisations import (
    ArgumentRow,
    CriterionRow,
    OptionRow,
    OptionScoreRow,
    PrioritisationRow,
)


@entity(
    id="Its id.",
    title="Its title.",
    question="What is to be settled, in full.",
    least_score="The lowest score.",
    most_score="The highest score.",
    opened_at="When it was opened.",
    decided_on="The day of the decision, once it was taken.",
    rationale="Why it was decided so.",
)
class Prioritisation(PrioritisationRow, Node):
    """The question what comes first, and its answer once it was decided."""

    alliance = one("The alliance.")
    criteria = many("Against what options are held, in order; a few.")
    options = many("What may be chosen, or could be, in order; 100 at most.")
    arguments = connection("What speaks for and against, in the order in which it was recorded.")
    scores = connection("How members scored the options, option by option.")


@entity(
    id="Its id.",
    version="The version of the alliance with which it was recorded.",
    name="What it is called.",
    description="What it means.",
)
class Criterion(CriterionRow, Node):
    """Something against which options are held."""

    prioritisation = one("The prioritisation.")


@entity(
    id="Its id.",
    version="The version of the alliance with which it was recorded.",
    title="What would be chosen.",
    theme="The theme that it stands for, if it is one.",
    description="What choosing it would mean.",
    status="Whether it can be chosen, and whether it was.",
    withdrawn_because="Why it was withdrawn, where it was.",
    rank="Its place among those chosen, 1 for the first; null where it is none of them.",
)
class Option(OptionRow, Node):
    """Something that may be chosen."""

    prioritisation = one("The prioritisation.")
    arguments = connection("What speaks for and against it, in the order of recording.")
    scores = connection("How members scored it, criterion by criterion.")


@entity(
    id="Its id.",
    version="The version of the alliance with which it was recorded.",
    side="Which way it speaks.",
    text="What was said.",
    role="The person who brought it up, by role, where that was told.",
    recorded_at="When it was recorded.",
)
class Argument(ArgumentRow, Node):
    """What speaks for or against an option, or the whole question where none is named."""

    prioritisation = one("The prioritisation.")
    option = one("The option of which it speaks.")
    criterion = one("The criterion that it has in mind.")
    organisation = one("The organisation that brought it up, where that was told.")


@entity(score="The score, as the member said last.", scored_at="When it said so.")
class OptionScore(OptionScoreRow):
    """How well an option meets a criterion, as a member sees it."""

    prioritisation = one("The prioritisation.")
    option = one("The option.")
    criterion = one("The criterion.")
    organisation = one("The member.")
