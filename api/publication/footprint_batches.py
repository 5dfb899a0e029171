"""What is published of batches of footprints: that there is one, never what it says."""

from typing import Final

from api.publication.published import published
from domain.footprint_batch import FootprintBatch

PUBLISHED: Final = (
    published(
        FootprintBatch.Recorded,
        "A batch of footprints was recorded.",
        "Un lot d’empreintes a été enregistré.",
        *("workshop", "challenge", "audience", "method", "method_version"),
    ),
    published(
        FootprintBatch.Withdrawn,
        "A batch of footprints was withdrawn.",
        "Un lot d’empreintes a été retiré.",
    ),
)
