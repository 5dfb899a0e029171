"""Principals as the interface shows them: to themselves, and to those who watch over roles."""

from uuid import UUID

import pytest

from api.ports import Done, Identity
from domain.identity import Id
from tests.api.conftest import Client

ADA, GRACE, ROOT, ADMIN, AUDITOR = (UUID(int=number) for number in range(1, 6))
ORGANISATION = f"org_{5:032x}"
ROADMAP = f"map_{6:032x}"
EVERYBODY = "{principals {totalCount nodes {id name grants {role place} keys {label}}}}"


@pytest.fixture
async def known(client: Client) -> Client:
    """Some principals; Ada leads an organisation that is at home in a department."""
    people = ((ADA, "Ada"), (GRACE, "Grace"), (ROOT, "Root"), (ADMIN, "Admin"), (AUDITOR, "Audit"))
    for principal, name in people:
        await client.insert(
            "insert into principal values ($1, 1, now(), now(), 'PERSON', $2, null, false)",
            f"prn_{principal.hex}",
            name,
        )
    await client.insert(
        f"""
        insert into organisation values ('{ORGANISATION}', 1, now(), now(), 'Atmo', 'atmo',
            'ASSOCIATION', null, null, 'departement:76', null, false);
        insert into roadmap (id, version, drafted_at, updated_at, horizon, status, submissions,
            known_to, read_by)
        values ('{ROADMAP}', 1, now(), now(), 2030, 'DRAFT', 0, 'INSIDERS', 'INSIDERS');
        insert into role_grant values
            ('prn_{ADA.hex}', 'ORGANISATION_LEADER', 'ORGANISATION', '5', '{ORGANISATION}',
                false, now()),
            ('prn_{ROOT.hex}', 'PLATFORM_OPERATOR', 'PLATFORM', '', '', false, now()),
            ('prn_{ADMIN.hex}', 'TERRITORY_ADMINISTRATOR', 'TERRITORY', 'region:28', 'region:28',
                false, now()),
            ('prn_{AUDITOR.hex}', 'AUDITOR', 'PLATFORM', '', '', false, now());
        insert into api_key values ('key_1', 'prn_{GRACE.hex}', 'Nightly', '', now(), null, null)
        """  # noqa: S608 - constants of this module
    )
    return client


def become(client: Client, principal: UUID | None) -> None:
    client.known.everybody = Identity(actor="somebody", principal=principal)


async def test_who_is_asking_is_told_who_they_are(known: Client) -> None:
    viewer = "{viewer {name grants {role place organisation {name}}}}"
    become(known, ADA)
    found = (await known.data(viewer))["viewer"]
    assert found["name"] == "Ada"
    (grant,) = found["grants"]
    assert grant["organisation"] == {"name": "Atmo"}
    for stranger in (None, UUID(int=99)):
        become(known, stranger)
        assert await known.data(viewer) == {"viewer": None}


@pytest.mark.parametrize(
    ("principal", "names"),
    [
        (None, []),
        (GRACE, ["Grace"]),
        (ADA, ["Ada"]),
        (ADMIN, ["Ada", "Admin"]),
        (ROOT, ["Ada", "Grace", "Root", "Admin", "Audit"]),
        (AUDITOR, [None, None, None, None, "Audit"]),
    ],
)
async def test_principals_are_shown_to_those_who_watch_over_them(
    known: Client, principal: UUID | None, names: list[str | None]
) -> None:
    become(known, principal)
    found = (await known.data(EVERYBODY))["principals"]
    assert found["totalCount"] == len(names)
    shown = sorted(str(node["name"]) for node in found["nodes"])
    assert shown == sorted(map(str, names))


@pytest.mark.parametrize(
    ("principal", "keys"), [(GRACE, 1), (ROOT, 1), (ADMIN, 0), (AUDITOR, 0), (None, 0)]
)
async def test_keys_are_shown_to_their_owner_and_to_operators(
    known: Client, principal: UUID | None, keys: int
) -> None:
    become(known, principal)
    nodes = (await known.data(EVERYBODY))["principals"]["nodes"]
    assert sum(len(node["keys"]) for node in nodes) == keys
    found = await known.data('{node(id: "key_00000000000000000000000000000001") {id}}')
    assert found == {"node": None}


@pytest.mark.parametrize(("trusted", "shown"), [(True, {"id": ROADMAP}), (False, None)])
async def test_a_command_shows_of_its_subject_no_more_than_a_question_would(
    known: Client, *, trusted: bool, shown: dict[str, str] | None
) -> None:
    known.known.everybody = Identity(
        actor="x", principal=None if trusted else GRACE, trusted=trusted
    )
    done = Done(
        noun="roadmap", id=Id(ROADMAP), version=2, position=0, created=None, duplicate=False
    )
    known.commands.answers = [done, done]
    command = (
        f'mutation {{archiveRoadmap(input: {{roadmap: "{ROADMAP}", reason: "x"}}) {{'
        "... on ArchiveRoadmapSuccess {version roadmap {id} query {roadmaps {totalCount}}}}}"
    )
    found = (await known.data(command))["archiveRoadmap"]
    assert found["roadmap"] == shown
    assert found["query"]["roadmaps"]["totalCount"] == int(trusted)
    # A resolver beside it makes resolvers answer all of it.
    by_resolvers = command.replace("totalCount}", "totalCount} enumerations {name}")
    found = (await known.data(by_resolvers))["archiveRoadmap"]
    assert found["roadmap"] == shown
    assert found["query"]["roadmaps"]["totalCount"] == int(trusted)
