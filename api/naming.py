"""Names as the interface spells them."""

from strawberry.utils.str_converters import to_camel_case


def camel(name: str) -> str:
    """Spell a name of ours as the interface does: expected_version is expectedVersion."""
    return to_camel_case(name)


def lower_first(name: str) -> str:
    """Spell a class's name as a field: RegisterOrganisation is registerOrganisation."""
    return name[:1].lower() + name[1:]


def class_name(table: str) -> str:
    """Give the name of the type that is made from the rows of a table."""
    return "".join(word.capitalize() for word in table.split("_"))
