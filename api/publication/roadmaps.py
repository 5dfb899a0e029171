"""What is published of roadmaps: that something was written, and where, not what it says.

Drafts are for few, also once a version is published: what an earlier draft said, and what was
dropped from it, stays with those who wrote it. What a roadmap says now is asked of the interface.
"""

from typing import Final

from api.publication.published import published
from domain.roadmap import Roadmap

PUBLISHED: Final = (
    published(
        Roadmap.Drafted,
        "A roadmap was begun.",
        "Une feuille de route a été commencée.",
        *("organisation", "cohort", "alliance", "territory", "horizon", "title"),
    ),
    published(
        Roadmap.TurningPointTold,
        "A roadmap tells its turning point.",
        "Une feuille de route raconte son point de bascule.",
    ),
    published(
        Roadmap.GenerativeQuestionAsked,
        "A roadmap asks its generative question.",
        "Une feuille de route pose sa question générative.",
    ),
    published(
        Roadmap.NewCourseSet,
        "A roadmap sets its new course.",
        "Une feuille de route fixe son nouveau cap.",
    ),
    published(
        Roadmap.LeverAdded,
        "A lever was added to a roadmap.",
        "Un levier a été ajouté à une feuille de route.",
        *("lever", "position"),
    ),
    published(
        Roadmap.LeverReworded,
        "A lever was reworded.",
        "Un levier a été reformulé.",
        "lever",
    ),
    published(
        Roadmap.LeversReordered,
        "The levers of a roadmap stand in another order.",
        "Les leviers d’une feuille de route ont changé d’ordre.",
        "levers",
    ),
    published(
        Roadmap.LeverDropped,
        "A lever was given up.",
        "Un levier a été abandonné.",
        "lever",
    ),
    published(
        Roadmap.ObjectiveAdded,
        "An impact objective was added to a lever.",
        "Un objectif d’impact a été ajouté à un levier.",
        *("objective", "lever"),
    ),
    published(
        Roadmap.ObjectiveReworded,
        "An impact objective was reworded.",
        "Un objectif d’impact a été reformulé.",
        "objective",
    ),
    published(
        Roadmap.ObjectiveDropped,
        "An impact objective was given up.",
        "Un objectif d’impact a été abandonné.",
        "objective",
    ),
    published(
        Roadmap.ObjectiveMeasured,
        "An impact objective was measured.",
        "Un objectif d’impact a été mesuré.",
        *("objective", "measured_on"),
    ),
    published(
        Roadmap.PlanItemAdded,
        "A line was added to an action plan.",
        "Une ligne a été ajoutée à un plan d’action.",
        *("plan_item", "lever"),
    ),
    published(
        Roadmap.PlanItemReworded,
        "A line of an action plan was reworded.",
        "Une ligne d’un plan d’action a été reformulée.",
        *("plan_item", "lever"),
    ),
    published(
        Roadmap.PlanItemTurnedIntoAction,
        "A line of an action plan lives on as an action.",
        "Une ligne d’un plan d’action est devenue une action.",
        "plan_item",
    ),
    published(
        Roadmap.PlanItemDropped,
        "A line of an action plan was given up.",
        "Une ligne d’un plan d’action a été abandonnée.",
        "plan_item",
    ),
    published(
        Roadmap.EcosystemMobilisationAdded,
        "A way to take others along was added to a roadmap.",
        "Une mobilisation de l’écosystème a été ajoutée à une feuille de route.",
        "ecosystem_mobilisation",
    ),
    published(
        Roadmap.EcosystemMobilisationDropped,
        "A way to take others along was given up.",
        "Une mobilisation de l’écosystème a été abandonnée.",
        "ecosystem_mobilisation",
    ),
    published(
        Roadmap.Commented,
        "A roadmap was commented on.",
        "Une feuille de route a été commentée.",
        *("comment", "about"),
    ),
    published(
        Roadmap.Submitted,
        "A version of a roadmap was handed in.",
        "Une version d’une feuille de route a été remise.",
        *("submission", "number"),
    ),
    published(
        Roadmap.Published,
        "A version of a roadmap became public.",
        "Une version d’une feuille de route a été publiée.",
        "number",
    ),
    published(
        Roadmap.RevisionOpened,
        "A roadmap may be changed again.",
        "La révision d’une feuille de route est ouverte.",
    ),
    published(
        Roadmap.Archived,
        "A roadmap was laid aside.",
        "Une feuille de route a été archivée.",
    ),
)
