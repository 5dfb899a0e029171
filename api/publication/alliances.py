"""What is published of alliances: nobody by name, and nothing of actions that fewer may see."""

from typing import Final

from api.publication import deliberations, indicators, reviews
from api.publication.published import published
from domain.alliance import Alliance

PUBLISHED: Final = (
    published(
        Alliance.Launched,
        "An alliance was launched.",
        "Une alliance a été lancée.",
        *("name", "kind", "territory", "launched_on", "horizon", "purpose", "parent"),
    ),
    published(
        Alliance.MemberJoined,
        "An organisation joined an alliance.",
        "Une organisation a rejoint une alliance.",
        *("organisation", "kind"),
    ),
    published(
        Alliance.MembershipChanged,
        "A member belongs to an alliance in another way.",
        "L’appartenance d’un membre à une alliance a changé.",
        *("organisation", "kind"),
    ),
    published(
        Alliance.MemberLeft,
        "An organisation left an alliance.",
        "Une organisation a quitté une alliance.",
        "organisation",
    ),
    published(
        Alliance.MembersCounted,
        "The members of an alliance were counted.",
        "Les membres d’une alliance ont été comptés.",
        *("kind", "counted.count", "counted.approximate"),
    ),
    published(
        Alliance.ThemeOpened,
        "An alliance works on a theme.",
        "Une alliance s’est saisie d’une thématique.",
        *("theme", "title"),
    ),
    published(
        Alliance.ThemeClosed,
        "An alliance does not work on a theme any more.",
        "Une alliance a clos une thématique.",
        "theme",
    ),
    published(
        Alliance.CommitmentMade,
        "A member committed itself to a theme.",
        "Un membre s’est engagé sur une thématique.",
        *("organisation", "theme", "contributions"),
    ),
    published(
        Alliance.CommitmentWithdrawn,
        "A member is not committed to a theme any more.",
        "Un membre a retiré son engagement sur une thématique.",
        *("organisation", "theme"),
    ),
    published(
        Alliance.ExpertAssociated,
        "An expert helps an alliance.",
        "Un expert est associé à une alliance.",
        *("expert", "party.organisation", "theme"),
    ),
    published(
        Alliance.ExpertReleased,
        "An expert does not help an alliance any more.",
        "Un expert n’est plus associé à une alliance.",
        "expert",
    ),
    published(
        Alliance.WorkingGroupFormed,
        "A working group was formed.",
        "Un groupe de travail a été formé.",
        *("working_group", "name", "theme", "organisations"),
    ),
    published(
        Alliance.WorkingGroupRegrouped,
        "A working group goes on with other members.",
        "Un groupe de travail continue avec d’autres membres.",
        *("working_group", "organisations"),
    ),
    published(
        Alliance.WorkingGroupEnded,
        "A working group ended.",
        "Un groupe de travail a pris fin.",
        "working_group",
    ),
    published(
        Alliance.MeetingScheduled,
        "A meeting was planned.",
        "Une réunion a été prévue.",
        *("meeting", "kind", "title", "theme", "working_group", "number"),
        *("day", "not_before", "not_after", "place"),
    ),
    published(
        Alliance.MeetingMoved,
        "A meeting got another time or place.",
        "Une réunion a changé de date ou de lieu.",
        *("meeting", "day", "not_before", "not_after", "place"),
    ),
    published(
        Alliance.MeetingCancelled,
        "A meeting will not take place.",
        "Une réunion est annulée.",
        "meeting",
    ),
    published(
        Alliance.MeetingHeld,
        "A meeting took place.",
        "Une réunion a eu lieu.",
        *("meeting", "holding.held_on", "holding.attendance"),
    ),
    published(
        Alliance.MeetingCorrected,
        "What is known of a meeting was put right.",
        "Le compte rendu d’une réunion a été corrigé.",
        *("meeting", "holding.held_on", "holding.attendance"),
    ),
    *deliberations.PUBLISHED,
    *indicators.PUBLISHED,
    *reviews.PUBLISHED,
    published(
        Alliance.Closed,
        "An alliance came to its end.",
        "Une alliance est arrivée à son terme.",
        *("closed_on", "conclusion.title", "conclusion.url"),
    ),
    published(
        Alliance.ConclusionCorrected,
        "The conclusion of an alliance was put right.",
        "La conclusion d’une alliance a été corrigée.",
        *("conclusion.title", "conclusion.url"),
    ),
    published(
        Alliance.ErratumNoted,
        "An erratum of an alliance was noted.",
        "Un erratum d’une alliance a été noté.",
    ),
)
