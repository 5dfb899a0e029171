"""How it is told what happened to a cohort."""

from typing import Final

from api.history.sentence import told
from domain.cohort import Cohort

SENTENCES: Final = (
    told(
        Cohort.Opened,
        "The cohort “{name}” was announced[, edition {edition}][, in {territories}].",
        "La promotion « {name} » a été annoncée[, édition {edition}]"
        "[, territoires : {territories}].",
    ),
    told(
        Cohort.PeriodSet,
        "The period of the cohort was settled[: from {starts_on}][ until {ends_on}].",
        "La période de la promotion a été fixée[ : à partir du {starts_on}][ jusqu’au {ends_on}].",
    ),
    told(
        Cohort.CapacitySet,
        "The places of the cohort were set to {capacity}.",
        "Le nombre de places de la promotion a été fixé à {capacity}.",
    ),
    told(
        Cohort.SessionScheduled,
        "Session {number}[, “{name}”,] was planned[, in {town}][, for {starts_on}].",
        "La session n° {number}[, « {name} »,] a été prévue[, lieu : {town}]"
        "[, début : {starts_on}].",
    ),
    told(
        Cohort.SessionMoved,
        "The session[ number {session}] was moved[, to {town}][, to {starts_on}].",
        "La session[ n° {session}] a été déplacée[, lieu : {town}][, début : {starts_on}].",
    ),
    told(
        Cohort.SessionCancelled,
        "The session[ number {session}] was cancelled.",
        "La session[ n° {session}] a été annulée.",
    ),
    told(
        Cohort.SessionHeld,
        "The session[ number {session}] took place[ (headcount: {turnout.headcount})].",
        "La session[ n° {session}] a eu lieu[ (participants : {turnout.headcount})].",
    ),
    told(
        Cohort.AttendanceCorrected,
        "The attendance of the session[ number {session}] was put right"
        "[ (headcount: {turnout.headcount})].",
        "La participation à la session[ n° {session}] a été corrigée"
        "[ (participants : {turnout.headcount})].",
    ),
    told(
        Cohort.WebinarScheduled,
        "The webinar “{title}” was planned for {day}.",
        "Le webinaire « {title} » a été prévu le {day}.",
    ),
    told(
        Cohort.WebinarMoved,
        "The webinar[ “{webinar}”] was moved to {day}.",
        "Le webinaire[ « {webinar} »] a été déplacé au {day}.",
    ),
    told(
        Cohort.WebinarCancelled,
        "The webinar[ “{webinar}”] was cancelled.",
        "Le webinaire[ « {webinar} »] a été annulé.",
    ),
    told(
        Cohort.WebinarHeld,
        "The webinar[ “{webinar}”] took place[ (attendance: {attendance})].",
        "Le webinaire[ « {webinar} »] a eu lieu[ (participants : {attendance})].",
    ),
    told(
        Cohort.BaseCampFormed,
        "The base camp “{name}” was formed[: {organisations}].",
        "Le camp de base « {name} » a été formé[ : {organisations}].",
    ),
    told(
        Cohort.BaseCampRegrouped,
        "The base camp[ “{camp}”] goes on[ with: {organisations}].",
        "Le camp de base[ « {camp} »] continue[ avec : {organisations}].",
    ),
    told(
        Cohort.BaseCampDissolved,
        "The base camp[ “{camp}”] was dissolved.",
        "Le camp de base[ « {camp} »] a été dissous.",
    ),
    told(
        Cohort.OrganisationApplied,
        "An organisation applied[: {organisation}].",
        "Une organisation a candidaté[ : {organisation}].",
    ),
    told(
        Cohort.OrganisationAdmitted,
        "An organisation was admitted[: {organisation}].",
        "Une organisation a été admise[ : {organisation}].",
    ),
    told(
        Cohort.OrganisationEnrolled,
        "An organisation took a place[: {organisation}].",
        "Une organisation a pris une place[ : {organisation}].",
    ),
    told(
        Cohort.OrganisationWithdrew,
        "An organisation withdrew[: {organisation}].",
        "Une organisation s’est retirée[ : {organisation}].",
    ),
    told(
        Cohort.ParticipantMerged,
        "A participant was merged[: {organisation}][, now {into}].",
        "Un participant a fusionné[ : {organisation}][, désormais {into}].",
    ),
    told(
        Cohort.PlacesHeld,
        "Places were held: {count}.",
        "Des places ont été réservées : {count}.",
    ),
    told(
        Cohort.PlacesReleased,
        "Places that were held are free again: {count}.",
        "Des places réservées ont été libérées : {count}.",
    ),
    told(
        Cohort.DelegationSet,
        "An organisation said who stands for it[: {organisation}].",
        "Une organisation a désigné sa délégation[ : {organisation}].",
    ),
    told(
        Cohort.ResourceShared,
        "The resource “{title}” was shared on {shared_on}.",
        "La ressource « {title} » a été partagée le {shared_on}.",
    ),
    told(
        Cohort.Started,
        "The cohort set out on {started_on}.",
        "La promotion s’est mise en route le {started_on}.",
    ),
    told(
        Cohort.Closed,
        "The cohort came to its end on {closed_on}[, with the report “{report.title}”].",
        "La promotion est arrivée à son terme le {closed_on}[, avec le bilan « {report.title} »].",
    ),
    told(
        Cohort.ReportCorrected,
        "The report of the cohort was put right[: “{report.title}”].",
        "Le bilan de la promotion a été corrigé[ : « {report.title} »].",
    ),
    told(
        Cohort.ErratumNoted,
        "An erratum was noted.",
        "Un erratum a été noté.",
    ),
)
