"""How it is told what happened to a workshop, and to the footprints of those who came.

Nobody who registered is named, and nothing is told of what footprints come to.
"""

from typing import Final

from api.history.sentence import told
from domain.footprint_batch import FootprintBatch
from domain.workshop import Workshop

SENTENCES: Final = (
    told(
        Workshop.Scheduled,
        "The workshop was announced (place: {place}; seats: {seats}).",
        "L’atelier a été annoncé (lieu : {place} ; places : {seats}).",
    ),
    told(
        Workshop.Moved,
        "The workshop was moved (place: {place}).",
        "L’atelier a été déplacé (lieu : {place}).",
    ),
    told(
        Workshop.Cancelled,
        "The workshop was cancelled.",
        "L’atelier a été annulé.",
    ),
    told(
        Workshop.SeatsChanged,
        "The seats of the workshop were set to {seats}.",
        "Le nombre de places de l’atelier a été fixé à {seats}.",
    ),
    told(
        Workshop.Registered,
        "Somebody registered.",
        "Quelqu’un s’est inscrit.",
    ),
    told(
        Workshop.Released,
        "A registration was given up.",
        "Une inscription a été abandonnée.",
    ),
    told(
        Workshop.MovedUp,
        "Somebody who was waiting has a seat.",
        "Une personne en attente a obtenu une place.",
    ),
    told(
        Workshop.AttendanceNoted,
        "It was noted who came.",
        "Les présences ont été relevées.",
    ),
    told(
        Workshop.Held,
        "The workshop took place[ (attendance: {turnout.came})].",
        "L’atelier a eu lieu[ (participants : {turnout.came})].",
    ),
    told(
        Workshop.TurnoutCorrected,
        "How many came was put right[ (attendance: {turnout.came})].",
        "La fréquentation a été corrigée[ (participants : {turnout.came})].",
    ),
    told(
        Workshop.FootprintsCounted,
        "A batch of footprints was recorded.",
        "Un lot d’empreintes a été enregistré.",
    ),
    told(
        Workshop.FootprintsDiscounted,
        "A batch of footprints was withdrawn.",
        "Un lot d’empreintes a été retiré.",
    ),
    told(
        FootprintBatch.Recorded,
        "The batch of footprints was recorded.",
        "Le lot d’empreintes a été enregistré.",
    ),
    told(
        FootprintBatch.Withdrawn,
        "The batch of footprints was withdrawn.",
        "Le lot d’empreintes a été retiré.",
    ),
)
