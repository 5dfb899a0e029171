"""How it is told what happened to a roadmap; what drafts say is told as far as rows show it."""

from typing import Final

from api.history.sentence import told
from domain.roadmap import Roadmap

SENTENCES: Final = (
    told(
        Roadmap.Drafted,
        "The roadmap[ “{title}”] was begun, with the horizon {horizon}.",
        "La feuille de route[ « {title} »] a été commencée, à l’horizon {horizon}.",
    ),
    told(
        Roadmap.TurningPointTold,
        "The turning point was told.",
        "Le sursaut a été raconté.",
    ),
    told(
        Roadmap.GenerativeQuestionAsked,
        "The generative question was asked.",
        "La question générative a été posée.",
    ),
    told(
        Roadmap.NewCourseSet,
        "The new course was set.",
        "Le nouveau cap a été fixé.",
    ),
    told(
        Roadmap.LeverAdded,
        "The lever[ “{lever}”] was added.",
        "Le levier[ « {lever} »] a été ajouté.",
    ),
    told(
        Roadmap.LeverReworded,
        "The lever[ “{lever}”] was reworded.",
        "Le levier[ « {lever} »] a été reformulé.",
    ),
    told(
        Roadmap.LeversReordered,
        "The levers were put in another order.",
        "Les leviers ont changé d’ordre.",
    ),
    told(
        Roadmap.LeverDropped,
        "The lever[ “{lever}”] was given up.",
        "Le levier[ « {lever} »] a été abandonné.",
    ),
    told(
        Roadmap.ObjectiveAdded,
        "The impact objective[ “{objective}”] was added[ to the lever “{lever}”].",
        "L’objectif d’impact[ « {objective} »] a été ajouté[ au levier « {lever} »].",
    ),
    told(
        Roadmap.ObjectiveReworded,
        "The impact objective[ “{objective}”] was reworded.",
        "L’objectif d’impact[ « {objective} »] a été reformulé.",
    ),
    told(
        Roadmap.ObjectiveDropped,
        "The impact objective[ “{objective}”] was given up.",
        "L’objectif d’impact[ « {objective} »] a été abandonné.",
    ),
    told(
        Roadmap.ObjectiveMeasured,
        "The impact objective[ “{objective}”] was measured on {measured_on}.",
        "L’objectif d’impact[ « {objective} »] a été mesuré le {measured_on}.",
    ),
    told(
        Roadmap.PlanItemAdded,
        "The line[ “{plan_item}”] was added to the action plan[, under the lever “{lever}”].",
        "La ligne[ « {plan_item} »] a été ajoutée au plan d’action[, sous le levier « {lever} »].",
    ),
    told(
        Roadmap.PlanItemReworded,
        "The line[ “{plan_item}”] of the action plan was changed.",
        "La ligne[ « {plan_item} »] du plan d’action a été modifiée.",
    ),
    told(
        Roadmap.PlanItemTurnedIntoAction,
        "The line[ “{plan_item}”] of the action plan lives on as an action.",
        "La ligne[ « {plan_item} »] du plan d’action est devenue une action.",
    ),
    told(
        Roadmap.PlanItemDropped,
        "The line[ “{plan_item}”] of the action plan was given up.",
        "La ligne[ « {plan_item} »] du plan d’action a été abandonnée.",
    ),
    told(
        Roadmap.EcosystemMobilisationAdded,
        "A way to take others along was added[: “{ecosystem_mobilisation}”].",
        "Une mobilisation de l’écosystème a été ajoutée[ : « {ecosystem_mobilisation} »].",
    ),
    told(
        Roadmap.EcosystemMobilisationDropped,
        "A way to take others along was given up[: “{ecosystem_mobilisation}”].",
        "Une mobilisation de l’écosystème a été abandonnée[ : « {ecosystem_mobilisation} »].",
    ),
    told(
        Roadmap.Commented,
        "A comment was made: {about}.",
        "Un commentaire a été fait : {about}.",
    ),
    told(
        Roadmap.Submitted,
        "Version {number} was handed in.",
        "La version {number} a été remise.",
    ),
    told(
        Roadmap.Published,
        "Version {number} was published.",
        "La version {number} a été publiée.",
    ),
    told(
        Roadmap.RevisionOpened,
        "A revision was opened.",
        "Une révision a été ouverte.",
    ),
    told(
        Roadmap.Archived,
        "The roadmap was laid aside.",
        "La feuille de route a été archivée.",
    ),
)
