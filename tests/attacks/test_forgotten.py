"""A person who was forgotten is in no table, file, log or backup, whatever it was they were."""

import subprocess
from typing import Final, cast

import pytest

from domain.assignment import SteeringRole
from domain.identity import Id
from domain.organisation import DesignateContact
from domain.person import ForgetPerson
from domain.principal import OpenPrincipal, PrincipalKind
from domain.seating import RegisterForWorkshop
from domain.steering import NameParty
from infra.identity.built_in import NAME as ISSUER
from infra.postgres.installation import programs
from tests.attacks.town import Town
from tests.infra.forgotten import EMAIL, MARKS, NAME, TELEPHONE, remains

SWEEPS: Final = 20


@pytest.fixture(scope="module")
def people(town: Town) -> dict[str, Id]:
    """The same person in every part that a person can have."""
    ids = town.elsewhere.ids
    registered = [
        town.give(RegisterForWorkshop(workshop=ids["coming"], name=NAME, email=f"{n}.{EMAIL}"))
        for n in range(3)
    ]
    contact = DesignateContact(
        organisation=ids["organisation"],
        function="directrice",
        name=NAME,
        email=EMAIL,
        telephone=TELEPHONE,
    )
    pilot = NameParty(action=ids["action"], role=SteeringRole.PILOT_PERSON, person=NAME)
    opened = OpenPrincipal(issuer=ISSUER, subject="canari", kind=PrincipalKind.PERSON, name=NAME)
    made = {
        "contact": town.give(contact).created,
        "assignment": town.give(pilot).created,
        "principal": town.give(opened).id,
    }
    made |= {f"registration {n}": done.created for n, done in enumerate(registered)}
    return cast(dict[str, Id], made)


def dumped(town: Town) -> str:
    """What a backup of the whole database says."""
    done = subprocess.run([programs() / "pg_dump", town.dsn], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def test_nothing_is_left_of_them(town: Town, people: dict[str, Id]) -> None:
    town.catch_up()
    before = town.run(remains(town.dsn, *MARKS))
    assert {"contact", "assignment", "registration", "principal"} <= before
    assert any(mark.decode() in dumped(town) for mark in MARKS)

    for person in people.values():
        town.give(ForgetPerson(person=person))
    town.catch_up()
    for _ in range(SWEEPS):
        town.run(town.system.oblivion.look())
        if not (left := town.run(remains(town.dsn, *MARKS))):
            break
    assert left == set()
    dump = dumped(town)
    assert [mark for mark in MARKS if mark.decode() in dump] == []
