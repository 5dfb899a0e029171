"""What is published of access: nothing."""

from typing import Final

from api.publication.published import internal
from domain.claim import Claim
from domain.person import Person
from domain.principal import Principal
from projections.projection import events_of

INTERNAL: Final = {
    **internal("a claim guards a rule and tells of nothing that happened", *events_of(Claim)),
    **internal("no event names a person, so nobody has to be told to forget", *events_of(Person)),
    **internal("who may do what here is for those who run it", *events_of(Principal)),
}
