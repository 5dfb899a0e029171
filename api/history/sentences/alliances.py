"""How it is told what happened to an alliance: who is in it, where it meets, how it ends."""

from typing import Final

from api.history.sentence import told
from domain.alliance import Alliance

SENTENCES: Final = (
    told(
        Alliance.Launched,
        "The alliance “{name}” was launched for the territory {territory}[ on {launched_on}].",
        "L’alliance « {name} » a été lancée pour le territoire {territory}[ le {launched_on}].",
    ),
    told(
        Alliance.MemberJoined,
        "An organisation joined the alliance[: {organisation}] ({kind}).",
        "Une organisation a rejoint l’alliance[ : {organisation}] ({kind}).",
    ),
    told(
        Alliance.MembershipChanged,
        "A member belongs to the alliance in another way[: {organisation}] ({kind}).",
        "L’appartenance d’un membre a changé[ : {organisation}] ({kind}).",
    ),
    told(
        Alliance.MemberLeft,
        "An organisation left the alliance[: {organisation}].",
        "Une organisation a quitté l’alliance[ : {organisation}].",
    ),
    told(
        Alliance.MembersCounted,
        "The members were counted: {counted.count}[ ({kind})].",
        "Les membres ont été comptés : {counted.count}[ ({kind})].",
    ),
    told(
        Alliance.ThemeOpened,
        "The theme “{theme}” was taken up[ as “{title}”].",
        "La thématique « {theme} » a été ouverte[ sous le titre « {title} »].",
    ),
    told(
        Alliance.ThemeClosed,
        "The theme “{theme}” was closed.",
        "La thématique « {theme} » a été close.",
    ),
    told(
        Alliance.CommitmentMade,
        "A member committed itself to the theme “{theme}”[: {organisation}]"
        "[, giving {contributions}].",
        "Un membre s’est engagé sur la thématique « {theme} »[ : {organisation}]"
        "[, apport : {contributions}].",
    ),
    told(
        Alliance.CommitmentWithdrawn,
        "A member took back its commitment to the theme “{theme}”[: {organisation}].",
        "Un membre a retiré son engagement sur la thématique « {theme} »[ : {organisation}].",
    ),
    told(
        Alliance.ExpertAssociated,
        "An expert was associated[: {party.organisation}][, for the theme “{theme}”].",
        "Un expert a été associé[ : {party.organisation}][, pour la thématique « {theme} »].",
    ),
    told(
        Alliance.ExpertReleased,
        "An expert is not associated any more.",
        "Un expert n’est plus associé.",
    ),
    told(
        Alliance.WorkingGroupFormed,
        "The working group “{name}” was formed[: {organisations}].",
        "Le groupe de travail « {name} » a été formé[ : {organisations}].",
    ),
    told(
        Alliance.WorkingGroupRegrouped,
        "The working group[ “{working_group}”] goes on[ with: {organisations}].",
        "Le groupe de travail[ « {working_group} »] continue[ avec : {organisations}].",
    ),
    told(
        Alliance.WorkingGroupEnded,
        "The working group[ “{working_group}”] came to its end.",
        "Le groupe de travail[ « {working_group} »] a pris fin.",
    ),
    told(
        Alliance.MeetingScheduled,
        "A meeting ({kind}) was planned[: “{title}”][, on {day}][, in {place}].",
        "Une réunion ({kind}) a été prévue[ : « {title} »][, le {day}][, lieu : {place}].",
    ),
    told(
        Alliance.MeetingMoved,
        "A meeting was moved[: “{meeting}”][, to {day}][, in {place}].",
        "Une réunion a été déplacée[ : « {meeting} »][, au {day}][, lieu : {place}].",
    ),
    told(
        Alliance.MeetingCancelled,
        "A meeting was cancelled[: “{meeting}”].",
        "Une réunion a été annulée[ : « {meeting} »].",
    ),
    told(
        Alliance.MeetingHeld,
        "A meeting took place[ on {holding.held_on}][: “{meeting}”]"
        "[ (attendance: {holding.attendance})].",
        "Une réunion a eu lieu[ le {holding.held_on}][ : « {meeting} »]"
        "[ (participants : {holding.attendance})].",
    ),
    told(
        Alliance.MeetingCorrected,
        "The account of a meeting was put right[: “{meeting}”].",
        "Le compte rendu d’une réunion a été corrigé[ : « {meeting} »].",
    ),
    told(
        Alliance.Closed,
        "The alliance came to its end on {closed_on}.",
        "L’alliance est arrivée à son terme le {closed_on}.",
    ),
    told(
        Alliance.ConclusionCorrected,
        "The conclusion of the alliance was put right.",
        "La conclusion de l’alliance a été corrigée.",
    ),
    told(
        Alliance.ErratumNoted,
        "An erratum was noted.",
        "Un erratum a été noté.",
    ),
)
