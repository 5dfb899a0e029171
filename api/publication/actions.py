"""What is published of actions: of plans, people and other actions nothing that fewer may see."""

from typing import Final

from api.publication import budgets
from api.publication.published import published
from domain.action import Action

PUBLISHED: Final = (
    published(
        Action.Proposed,
        "An action was proposed.",
        "Une action a été proposée.",
        *("owner.alliance", "code", "wording.title", "axis.axis"),
        *("classification.category", "classification.themes", "classification.audiences"),
        *("classification.territories", "classification.participation", "classification.priority"),
    ),
    published(
        Action.Adopted,
        "An action was taken over from elsewhere.",
        "Une action a été reprise d’ailleurs.",
    ),
    published(
        Action.Reworded,
        "An action says something else.",
        "Une action a été reformulée.",
        "wording.title",
    ),
    published(
        Action.WordingCorrected,
        "What an action says was put right.",
        "Le libellé d’une action a été corrigé.",
        "wording.title",
    ),
    published(
        Action.Recoded,
        "An action bears another code.",
        "Une action a changé de code.",
        "code",
    ),
    published(
        Action.PlacedInAxis,
        "An action stands elsewhere in its plan.",
        "Une action a changé d’axe dans son plan.",
        *("axis.axis", "axis.sub_axis", "axis.sub_sub_axis"),
    ),
    published(
        Action.Categorised,
        "An action counts under another category.",
        "Une action a changé de catégorie.",
        "category",
    ),
    published(
        Action.ThemesSet,
        "An action serves other themes.",
        "Les thématiques d’une action ont changé.",
        "themes",
    ),
    published(
        Action.AudiencesSet,
        "An action is for other audiences.",
        "Les publics d’une action ont changé.",
        "audiences",
    ),
    published(
        Action.TerritoriesSet,
        "An action takes place in other territories.",
        "Les territoires d’une action ont changé.",
        "territories",
    ),
    published(
        Action.ParticipationSet,
        "Citizens have another part in an action.",
        "La participation citoyenne à une action a changé.",
        "participation",
    ),
    published(
        Action.PrioritySet,
        "An action has another priority.",
        "La priorité d’une action a changé.",
        "priority",
    ),
    published(
        Action.VisibilitySet,
        "Others may read an action than before.",
        "La visibilité d’une action a changé.",
        "visibility",
    ),
    published(
        Action.PartyNamed,
        "Somebody has a role in an action.",
        "Un acteur a reçu un rôle dans une action.",
        *("role", "organisation"),
    ),
    published(
        Action.PartyReleased,
        "Somebody has no role in an action any more.",
        "Un acteur n’a plus de rôle dans une action.",
    ),
    published(
        Action.Scheduled,
        "The period of an action was settled.",
        "La période d’une action a été fixée.",
        *("starts_on", "ends_on"),
    ),
    published(
        Action.ScheduleCorrected,
        "The period of an action was put right.",
        "La période d’une action a été corrigée.",
        *("starts_on", "ends_on"),
    ),
    *budgets.PUBLISHED,
    published(
        Action.ProgressReported,
        "The progress of an action was reported.",
        "L’avancement d’une action a été rapporté.",
        *("reported_on", "report.percent", "report.organisation"),
    ),
    published(
        Action.ProgressCorrected,
        "The progress of an action was put right.",
        "L’avancement d’une action a été corrigé.",
        *("reported_on", "report.percent", "report.organisation"),
    ),
    published(
        Action.StatusChanged,
        "The execution of an action stands elsewhere.",
        "L’état d’exécution d’une action a changé.",
        "status",
    ),
    published(
        Action.Blocked,
        "Something is in the way of an action.",
        "Une action est bloquée.",
    ),
    published(
        Action.Unblocked,
        "Nothing is in the way of an action any more.",
        "Une action n’est plus bloquée.",
        "status",
    ),
    published(
        Action.Renewed,
        "An action goes on for another year.",
        "Une action est reconduite pour une année.",
        "year",
    ),
    published(
        Action.Refocused,
        "An action goes on with another aim.",
        "Une action est réorientée.",
        *("year", "title"),
    ),
    published(
        Action.Finished,
        "An action was done.",
        "Une action est terminée.",
        "finished_on",
    ),
    published(
        Action.Abandoned,
        "An action was given up.",
        "Une action a été abandonnée.",
        "abandoned_on",
    ),
    published(
        Action.Reopened,
        "An action goes on after all.",
        "Une action est rouverte.",
        "status",
    ),
    published(
        Action.NoteAdded,
        "Something was noted about an action.",
        "Une note a été ajoutée à une action.",
        "note",
    ),
    published(
        Action.StepAdded,
        "A step was added to an action.",
        "Une étape a été ajoutée à une action.",
        *("step", "title", "due"),
    ),
    published(
        Action.StepDone,
        "A step of an action was done.",
        "Une étape d’une action est faite.",
        *("step", "done_on"),
    ),
    published(
        Action.StepDropped,
        "A step of an action was given up.",
        "Une étape d’une action a été abandonnée.",
        "step",
    ),
    published(
        Action.DocumentLinked,
        "A document speaks of an action.",
        "Un document a été lié à une action.",
        *("document", "title", "url"),
    ),
    published(
        Action.DocumentUnlinked,
        "A document does not speak of an action any more.",
        "Un document n’est plus lié à une action.",
        "document",
    ),
    published(
        Action.ImpactMeasured,
        "It was measured what an action changed.",
        "L’impact d’une action a été mesuré.",
        *("impact", "finding.what", "finding.value", "finding.unit", "finding.measured_on"),
    ),
    published(
        Action.ImpactCorrected,
        "What was measured of an action was put right.",
        "La mesure d’impact d’une action a été corrigée.",
        *("impact", "finding.what", "finding.value", "finding.unit", "finding.measured_on"),
    ),
    published(
        Action.ObjectiveLinked,
        "An action serves an impact objective.",
        "Une action sert un objectif d’impact.",
    ),
    published(
        Action.ObjectiveUnlinked,
        "An action serves an impact objective no more.",
        "Une action ne sert plus un objectif d’impact.",
    ),
)
