"""Who is calling follows from their credentials; wrong ones prove nothing, and run out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.identity import (
    ANYBODY,
    CannotBeChecked,
    KeyRefused,
    MalformedToken,
    TokenExpired,
    TooManyGuesses,
    Unauthenticated,
    UnknownIssuer,
    WrongSignature,
)
from api.ports import Identity, ReadsUnavailable
from domain.identity import external
from domain.principal import Principal
from infra.budgets import Guesses
from infra.identity.api_keys import KEPT, ApiKey, ApiKeys, digest, new_secret
from infra.identity.built_in import NAME, BuiltInIssuer
from infra.identity.identities import Identities
from infra.identity.issuers import Issuers, Trusted
from infra.identity.key_ring import KeyRing
from infra.identity.token import LEEWAY, PublicKey
from infra.settings import Quota
from projections.statement import Statement
from tests.identity.issuing import AUDIENCE, NOW, URL, key, public, token

WHERE = "203.0.113.7"
SOMEBODY = Principal.id_of(URL, "somebody")


class World:
    """An issuer, a table of keys and a clock."""

    def __init__(self, guesses: int = 3) -> None:
        self.now = NOW
        self.table: dict[str, tuple[str, str, date | None]] = {}
        self.looked_up = 0
        self.away = False
        rings = {URL: Trusted(AUDIENCE, KeyRing(self.published))}
        self.identities = Identities(
            Issuers(rings, lambda: self.now),
            ApiKeys(self, lambda: self.now),
            Guesses(Quota(guesses, 60), lambda: self.now),
        )

    async def published(self) -> Sequence[PublicKey]:
        return [public()]

    async def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        raise NotImplementedError

    async def rows(
        self,
        statement: Statement,  # noqa: ARG002
        arguments: Sequence[object],
    ) -> Sequence[Sequence[Any]]:
        self.looked_up += 1
        if self.away:
            raise ReadsUnavailable
        found = self.table.get(str(arguments[0]))
        return [] if found is None else [found]

    def issue(self, principal: UUID, expires_on: date | None = None) -> ApiKey:
        issued = ApiKey(uuid4(), new_secret())
        row = (digest(issued.secret), external("principal", principal), expires_on)
        self.table[external("key", issued.id)] = row
        return issued

    async def ask(self, credentials: str, where: str = WHERE) -> Identity:
        return await self.identities.identify(f"Bearer {credentials}", where)


async def test_without_credentials_it_is_anybody() -> None:
    assert await World().identities.identify(None, WHERE) == ANYBODY


async def test_a_token_leads_to_its_principal() -> None:
    world = World()
    identity = await world.ask(token())
    assert identity == Identity(
        actor=external("principal", SOMEBODY),
        principal=SOMEBODY,
        expires_at=NOW + 3600 + LEEWAY,
    )
    assert await world.ask(token()) == identity
    assert await world.identities.stands(identity)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "bearer", "Token x"])
async def test_other_schemes_prove_nothing(header: str) -> None:
    with pytest.raises(Unauthenticated):
        await World().identities.identify(header, WHERE)


@pytest.mark.parametrize("issuer", ["https://evil.example", URL + "/", NAME, 7, None, ["x"]])
async def test_an_issuer_counts_only_by_its_exact_name(issuer: object) -> None:
    with pytest.raises(UnknownIssuer):
        await World().ask(token(iss=issuer))


async def test_a_swapped_key_id_proves_nothing() -> None:
    with pytest.raises(WrongSignature):
        await World().ask(token(key("two"), {"kid": "one"}))
    with pytest.raises(WrongSignature):
        await World().ask(token(key("two")))


async def test_a_token_that_was_let_in_ends_with_its_time() -> None:
    world = World()
    await world.ask(token())
    world.now += 3600 + LEEWAY
    with pytest.raises(TokenExpired):
        await world.ask(token())


async def test_whoever_guesses_is_shut_out_for_a_while() -> None:
    world = World(guesses=3)
    for _ in range(3):
        with pytest.raises(WrongSignature):
            await world.ask(token(key("two"), {"kid": "one"}))
    with pytest.raises(TooManyGuesses) as shut_out:
        await world.ask(token())
    assert shut_out.value.facts["seconds"] == 60
    assert (await world.ask(token(), "198.51.100.1")).principal == SOMEBODY
    world.now += 61
    assert (await world.ask(token())).principal == SOMEBODY


async def test_whoever_is_known_stays_in_while_others_guess_beside_them() -> None:
    world = World(guesses=1)
    issued = world.issue(SOMEBODY)
    known = await world.ask(token())
    by_key = await world.ask(issued.text())
    with pytest.raises(Unauthenticated):
        await world.ask("x.y.z")
    assert await world.ask(token()) == known
    assert await world.ask(issued.text()) == by_key


async def test_an_expired_token_is_no_guess() -> None:
    world = World(guesses=1)
    for _ in range(3):
        with pytest.raises(TokenExpired):
            await world.ask(token(exp=NOW - 3600))
    assert (await world.ask(token())).principal == SOMEBODY


async def test_the_neighbours_in_a_v6_network_are_one() -> None:
    world = World(guesses=1)
    with pytest.raises(Unauthenticated):
        await world.ask("x.y.z", "2001:db8:1:2::1")
    with pytest.raises(TooManyGuesses):
        await world.ask(token(), "2001:db8:1:2:ffff::9")
    assert (await world.ask(token(), "2001:db8:1:3::1")).principal == SOMEBODY


async def test_a_key_leads_to_its_principal() -> None:
    world = World()
    issued = world.issue(SOMEBODY, expires_on=datetime.now(UTC).date() + timedelta(days=1))
    identity = await world.ask(issued.text())
    assert (identity.principal, identity.key) == (SOMEBODY, issued.id)
    assert identity.expires_at is None


async def test_a_key_is_looked_up_once_for_a_moment() -> None:
    world = World()
    issued = world.issue(SOMEBODY)
    for _ in range(5):
        await world.ask(issued.text())
    assert world.looked_up == 1
    world.now += KEPT
    await world.ask(issued.text())
    assert world.looked_up == 2


async def test_a_revoked_key_is_out_a_moment_later() -> None:
    world = World()
    issued = world.issue(SOMEBODY)
    identity = await world.ask(issued.text())
    world.table.clear()
    world.now += KEPT
    assert not await world.identities.stands(identity)
    with pytest.raises(KeyRefused):
        await world.ask(issued.text())


async def test_a_key_of_a_day_that_is_over_does_not_count() -> None:
    world = World()
    issued = world.issue(SOMEBODY, expires_on=date(2025, 1, 1))
    with pytest.raises(KeyRefused):
        await world.ask(issued.text())


async def test_the_secret_of_one_key_does_not_open_another() -> None:
    world = World(guesses=100)
    one, two = world.issue(SOMEBODY), world.issue(uuid4())
    for _ in range(2):  # also once it was looked up
        with pytest.raises(KeyRefused):
            await world.ask(ApiKey(one.id, two.secret).text())
    assert (await world.ask(one.text())).principal == SOMEBODY


@pytest.mark.parametrize(
    "text", ["cordee_", "cordee_x_y", f"cordee_{'0' * 32}_", f"cordee_{'0' * 32}_{'a' * 42}é"]
)
async def test_what_has_not_the_form_of_a_key_is_told_so(text: str) -> None:
    with pytest.raises(MalformedToken):
        await World().ask(text)


async def test_a_key_cannot_be_checked_while_the_read_model_is_away() -> None:
    world = World()
    issued = world.issue(SOMEBODY)
    identity = await world.ask(issued.text())
    world.away = True
    world.now += KEPT
    with pytest.raises(CannotBeChecked):
        await world.ask(issued.text())
    assert await world.identities.stands(identity)


def test_a_key_does_not_print_its_secret() -> None:
    issued = ApiKey(uuid4(), new_secret())
    assert issued.secret not in repr(issued)
    assert ApiKey.read(issued.text()) == issued


async def test_the_demos_issuer_counts_where_it_is_switched_on() -> None:
    demo = BuiltInIssuer(b"s" * 32)
    issuers = Issuers({NAME: demo.trusted()})
    text = demo.token("auditrice", datetime.now(UTC).timestamp())
    assert (await issuers.verify(text)).subject == "auditrice"
    with pytest.raises(UnknownIssuer):
        await World().ask(text)
    impostor = BuiltInIssuer(b"t" * 32).token("auditrice", datetime.now(UTC).timestamp())
    with pytest.raises(WrongSignature):
        await issuers.verify(impostor)
    await issuers.close()
