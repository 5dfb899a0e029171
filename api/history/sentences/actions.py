"""How it is told what happened to an action."""

from typing import Final

from api.history.sentence import told
from domain.action import Action

SENTENCES: Final = (
    told(
        Action.Proposed,
        "The action “{wording.title}” was proposed[, with the code {code}].",
        "L’action « {wording.title} » a été proposée[, sous le code {code}].",
    ),
    told(
        Action.Adopted,
        "The action was adopted from elsewhere.",
        "L’action a été reprise d’ailleurs.",
    ),
    told(
        Action.Reworded,
        "The action was reworded: “{wording.title}”.",
        "L’action a été reformulée : « {wording.title} ».",
    ),
    told(
        Action.WordingCorrected,
        "The wording of the action was put right: “{wording.title}”.",
        "Le libellé de l’action a été corrigé : « {wording.title} ».",
    ),
    told(
        Action.Recoded,
        "The action bears another code[: {code}].",
        "L’action a changé de code[ : {code}].",
    ),
    told(
        Action.PlacedInAxis,
        "The action was placed elsewhere in its plan[: “{axis.axis}”].",
        "L’action a changé d’axe dans son plan[ : « {axis.axis} »].",
    ),
    told(
        Action.Categorised,
        "The category of the action was set[: {category}].",
        "La catégorie de l’action a été fixée[ : {category}].",
    ),
    told(
        Action.ThemesSet,
        "The themes of the action were set[: {themes}].",
        "Les thématiques de l’action ont été fixées[ : {themes}].",
    ),
    told(
        Action.AudiencesSet,
        "The audiences of the action were set[: {audiences}].",
        "Les publics de l’action ont été fixés[ : {audiences}].",
    ),
    told(
        Action.TerritoriesSet,
        "The territories of the action were set[: {territories}].",
        "Les territoires de l’action ont été fixés[ : {territories}].",
    ),
    told(
        Action.ParticipationSet,
        "The participation of citizens was set[: {participation}].",
        "La participation citoyenne a été fixée[ : {participation}].",
    ),
    told(
        Action.PrioritySet,
        "The priority was set[: {priority}].",
        "La priorité a été fixée[ : {priority}].",
    ),
    told(
        Action.VisibilitySet,
        "The visibility was set: {visibility}.",
        "La visibilité a été fixée : {visibility}.",
    ),
    told(
        Action.PartyNamed,
        "A role in the action was given: {role}[, {organisation}].",
        "Un rôle dans l’action a été attribué : {role}[, {organisation}].",
    ),
    told(
        Action.PartyReleased,
        "A role in the action was taken back.",
        "Un rôle dans l’action a été retiré.",
    ),
    told(
        Action.Scheduled,
        "The period of the action was set[: from {starts_on}][ until {ends_on}].",
        "La période de l’action a été fixée[ : à partir du {starts_on}][ jusqu’au {ends_on}].",
    ),
    told(
        Action.ScheduleCorrected,
        "The period of the action was put right[: from {starts_on}][ until {ends_on}].",
        "La période de l’action a été corrigée[ : à partir du {starts_on}][ jusqu’au {ends_on}].",
    ),
    told(
        Action.ProgressReported,
        "The progress on {reported_on} was reported[: {report.percent}%].",
        "L’avancement au {reported_on} a été rapporté[ : {report.percent} %].",
    ),
    told(
        Action.ProgressCorrected,
        "The progress on {reported_on} was put right[: {report.percent}%].",
        "L’avancement au {reported_on} a été corrigé[ : {report.percent} %].",
    ),
    told(
        Action.StatusChanged,
        "The execution of the action stands at: {status}.",
        "L’état d’exécution a changé : {status}.",
    ),
    told(
        Action.Blocked,
        "The action is blocked.",
        "L’action est bloquée.",
    ),
    told(
        Action.Unblocked,
        "The action is not blocked any more[; it stands at: {status}].",
        "L’action n’est plus bloquée[ ; état d’exécution : {status}].",
    ),
    told(
        Action.Renewed,
        "The action was renewed for {year}.",
        "L’action a été reconduite pour {year}.",
    ),
    told(
        Action.Refocused,
        "The action was refocused for {year}: “{title}”.",
        "L’action a été réorientée pour {year} : « {title} ».",
    ),
    told(
        Action.Finished,
        "The action was finished on {finished_on}.",
        "L’action a été achevée le {finished_on}.",
    ),
    told(
        Action.Abandoned,
        "The action was given up on {abandoned_on}.",
        "L’action a été abandonnée le {abandoned_on}.",
    ),
    told(
        Action.Reopened,
        "The action was reopened; it stands at: {status}.",
        "L’action a été rouverte ; état d’exécution : {status}.",
    ),
    told(
        Action.NoteAdded,
        "A note was added.",
        "Une note a été ajoutée.",
    ),
    told(
        Action.StepAdded,
        "The step “{title}” was added[, due on {due}].",
        "L’étape « {title} » a été ajoutée[, échéance : {due}].",
    ),
    told(
        Action.StepDone,
        "The step[ “{step}”] was done on {done_on}.",
        "L’étape[ « {step} »] a été faite le {done_on}.",
    ),
    told(
        Action.StepDropped,
        "The step[ “{step}”] was given up.",
        "L’étape[ « {step} »] a été abandonnée.",
    ),
    told(
        Action.DocumentLinked,
        "The document “{title}” was linked.",
        "Le document « {title} » a été lié.",
    ),
    told(
        Action.DocumentUnlinked,
        "The document[ “{document}”] is not linked any more.",
        "Le document[ « {document} »] n’est plus lié.",
    ),
    told(
        Action.ImpactMeasured,
        "An impact was measured[ on {finding.measured_on}]: {finding.what}.",
        "Un effet a été mesuré[ le {finding.measured_on}] : {finding.what}.",
    ),
    told(
        Action.ImpactCorrected,
        "The measurement of an impact was put right: {finding.what}.",
        "La mesure d’un effet a été corrigée : {finding.what}.",
    ),
    told(
        Action.ObjectiveLinked,
        "The action serves an impact objective[: “{objective}”].",
        "L’action sert un objectif d’impact[ : « {objective} »].",
    ),
    told(
        Action.ObjectiveUnlinked,
        "The action does not serve an impact objective any more[: “{objective}”].",
        "L’action ne sert plus un objectif d’impact[ : « {objective} »].",
    ),
)
