"""Lists: every connection of the interface can be chosen from and ordered, wherever it stands."""

from collections.abc import Iterator

from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from api import choice
from api.entity import ENTITIES, FORM, Entity, Form
from api.facets import FACETS, own
from projections.table import TABLES


def complete() -> None:
    """Complete the connections of all entities, once these are known."""
    for entity in ENTITIES.values():
        for field in _fields(entity):
            if field.metadata.get(FORM) is Form.CONNECTION:
                target = entity.row.TABLE.relations[field.python_name].target
                if target not in FACETS:
                    _offer_its_own(ENTITIES[target])
                choice.offer(field, FACETS[target])


def _offer_its_own(entity: Entity) -> None:
    described = {
        field.python_name: field.description or ""
        for field in _fields(entity)
        if _is_column(entity, field) or _is_by_id(entity, field)
    }
    own(entity.row, entity.served.__name__, described)


def _is_column(entity: Entity, field: StrawberryField) -> bool:
    return field.base_resolver is None and field.python_name in entity.columns


def _is_by_id(entity: Entity, field: StrawberryField) -> bool:
    if field.metadata.get(FORM) is not Form.ONE:
        return False
    relation = entity.row.TABLE.relations[field.python_name]
    return len(relation.on) == 1 and TABLES[relation.target].key == (relation.on[0][1],)


def _fields(entity: Entity) -> Iterator[StrawberryField]:
    definition: StrawberryObjectDefinition = vars(entity.served)["__strawberry_definition__"]
    return iter(definition.fields)
