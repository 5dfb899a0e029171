"""What is published of cohorts: nobody by name, and of those who came only how many."""

from typing import Final

from api.publication.published import published
from domain.cohort import Cohort

_WHEN: Final = ("town", "starts_on", "ends_on", "expected_month", "days")

PUBLISHED: Final = (
    published(
        Cohort.Opened,
        "A cohort was announced.",
        "Une cohorte a été annoncée.",
        *("name", "edition", "territories", "capacity", "starts_on", "ends_on"),
        "springs_from_cohort",
    ),
    published(
        Cohort.PeriodSet,
        "The period of a cohort was settled.",
        "La période d’une cohorte a été fixée.",
        *("starts_on", "ends_on"),
    ),
    published(
        Cohort.CapacitySet,
        "The places of a cohort were settled.",
        "Le nombre de places d’une cohorte a été fixé.",
        "capacity",
    ),
    published(
        Cohort.SessionScheduled,
        "A session was planned.",
        "Une session a été prévue.",
        *("session", "number", "name", *_WHEN),
    ),
    published(
        Cohort.SessionMoved,
        "A session got another time or place.",
        "Une session a changé de date ou de lieu.",
        *("session", *_WHEN),
    ),
    published(
        Cohort.SessionCancelled,
        "A session will not take place.",
        "Une session est annulée.",
        "session",
    ),
    published(
        Cohort.SessionHeld,
        "A session took place.",
        "Une session a eu lieu.",
        *("session", "turnout.headcount"),
    ),
    published(
        Cohort.AttendanceCorrected,
        "Who came to a session was put right.",
        "La participation à une session a été corrigée.",
        *("session", "turnout.headcount"),
    ),
    published(
        Cohort.WebinarScheduled,
        "A webinar was planned.",
        "Un webinaire a été prévu.",
        *("webinar", "title", "day"),
    ),
    published(
        Cohort.WebinarMoved,
        "A webinar got another day.",
        "Un webinaire a changé de jour.",
        *("webinar", "day"),
    ),
    published(
        Cohort.WebinarCancelled,
        "A webinar will not take place.",
        "Un webinaire est annulé.",
        "webinar",
    ),
    published(
        Cohort.WebinarHeld,
        "A webinar took place.",
        "Un webinaire a eu lieu.",
        *("webinar", "attendance"),
    ),
    published(
        Cohort.BaseCampFormed,
        "A base camp was formed.",
        "Un camp de base a été formé.",
        *("camp", "name", "organisations"),
    ),
    published(
        Cohort.BaseCampRegrouped,
        "A base camp goes on with other organisations.",
        "Un camp de base continue avec d’autres organisations.",
        *("camp", "organisations"),
    ),
    published(
        Cohort.BaseCampDissolved,
        "A base camp is no more.",
        "Un camp de base est dissous.",
        "camp",
    ),
    published(
        Cohort.OrganisationApplied,
        "An organisation asked to take part in a cohort.",
        "Une organisation a candidaté à une cohorte.",
        "organisation",
    ),
    published(
        Cohort.OrganisationAdmitted,
        "An organisation was accepted for a cohort.",
        "Une organisation a été admise dans une cohorte.",
        "organisation",
    ),
    published(
        Cohort.OrganisationEnrolled,
        "An organisation took a place in a cohort.",
        "Une organisation a pris une place dans une cohorte.",
        *("organisation", "held_place"),
    ),
    published(
        Cohort.OrganisationWithdrew,
        "An organisation left a cohort.",
        "Une organisation a quitté une cohorte.",
        "organisation",
    ),
    published(
        Cohort.ParticipantMerged,
        "Two participants of a cohort became one.",
        "Deux participants d’une cohorte n’en font plus qu’un.",
        *("organisation", "into"),
    ),
    published(
        Cohort.PlacesHeld,
        "Places of a cohort were held.",
        "Des places d’une cohorte ont été réservées.",
        "count",
    ),
    published(
        Cohort.PlacesReleased,
        "Places of a cohort are free again.",
        "Des places d’une cohorte sont de nouveau libres.",
        "count",
    ),
    published(
        Cohort.DelegationSet,
        "An organisation said who stands for it in a cohort.",
        "Une organisation a désigné sa délégation dans une cohorte.",
        "organisation",
    ),
    published(
        Cohort.ResourceShared,
        "A resource was shared with a cohort.",
        "Une ressource a été partagée avec une cohorte.",
        *("resource", "title", "kind", "url", "shared_on"),
    ),
    published(
        Cohort.Started,
        "A cohort set out.",
        "Une cohorte s’est mise en route.",
        "started_on",
    ),
    published(
        Cohort.Closed,
        "A cohort came to its end.",
        "Une cohorte est arrivée à son terme.",
        *("closed_on", "report.title", "report.url"),
    ),
    published(
        Cohort.ReportCorrected,
        "The report of a cohort was put right.",
        "Le bilan d’une cohorte a été corrigé.",
        *("report.title", "report.url"),
    ),
    published(
        Cohort.ErratumNoted,
        "An erratum of a cohort was noted.",
        "Un erratum d’une cohorte a été noté.",
    ),
)
