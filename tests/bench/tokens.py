"""How long it takes to know who calls: tokens seen before, new ones, and keys.

At most 0.2 ms are wanted for a token whose signing key is known.
"""

import asyncio
import time
from collections.abc import Sequence
from statistics import median
from typing import Any
from uuid import uuid4

from domain.identity import external
from infra.budgets import Budgets, Guesses
from infra.identity.api_keys import ApiKey, ApiKeys, digest, new_secret
from infra.identity.identities import Identities
from infra.identity.issuers import Issuers, Trusted
from infra.identity.key_ring import KeyRing
from infra.identity.token import PublicKey
from infra.settings import Settings
from projections.statement import Statement
from tests.identity.issuing import AUDIENCE, NOW, URL, key, public, token

ROUNDS = 15
CALLS = 400
WHERE = "203.0.113.7"
KINDS = {"RSA": "RS256", "P-256": "ES256", "Ed25519": "EdDSA"}


class Table:
    """A table of one key, in memory."""

    def __init__(self, issued: ApiKey) -> None:
        self.row = (digest(issued.secret), external("principal", uuid4()), None)

    async def answer(self, _statement: Statement, _arguments: Sequence[object]) -> Any:
        """Never asked for."""
        raise NotImplementedError

    async def rows(self, _statement: Statement, _arguments: Sequence[object]) -> Any:
        """Give the key."""
        return [self.row]


async def measured(what: str, rounds: Sequence[tuple[Identities, Sequence[str]]]) -> None:
    """Print the median of the rounds, in milliseconds a call."""
    taken = []
    for identities, proofs in rounds:
        began = time.perf_counter()
        for proof in proofs:
            await identities.identify(proof, WHERE)
        taken.append((time.perf_counter() - began) / len(proofs))
    print(f"{what:<44} {median(taken) * 1000:8.4f} ms")


async def identities(kind: str, issued: ApiKey, first: str) -> Identities:
    """Make what tells who calls, and let somebody in, so that the issuer's keys are known."""

    async def fetch() -> list[PublicKey]:
        return [public("one", kind)]

    issuers = Issuers({URL: Trusted(AUDIENCE, KeyRing(fetch))}, lambda: NOW)
    made = Identities(issuers, ApiKeys(Table(issued)), Guesses(None))
    await made.identify(first, WHERE)
    return made


def proof(kind: str, algorithm: str, number: int) -> str:
    """Make a token that is like no other."""
    return f"Bearer {token(key('one', kind), {'alg': algorithm}, jti=str(number))}"


async def main() -> None:
    """Measure each way to prove who one is."""
    issued = ApiKey(uuid4(), new_secret())
    for kind, algorithm in KINDS.items():
        first, *others = (proof(kind, algorithm, number) for number in range(CALLS + 1))
        fresh = [await identities(kind, issued, first) for _ in range(ROUNDS)]
        seen = [first] * CALLS
        await measured(f"{algorithm}, the token was seen before", [(fresh[0], seen)] * ROUNDS)
        await measured(f"{algorithm}, a new token of a known key", [(i, others) for i in fresh])
    by_key = [f"Bearer {issued.text()}"] * CALLS
    await measured("a key", [(fresh[0], by_key)] * ROUNDS)
    _count()


def _count() -> None:
    quotas = ("CALLER_REQUESTS", "CALLER_COST", "ADDRESS_REQUESTS", "ADDRESS_COST")
    wide = {f"CORDEE_{quota}": "999999999/minute" for quota in quotas}
    budgets, somebody = Budgets(Settings.from_environment(wide)), uuid4()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            budgets.admit(somebody, WHERE)
            budgets.spend(somebody, WHERE, 1)
            budgets.left(somebody, WHERE)
        taken.append((time.perf_counter() - began) / CALLS)
    print(f"{'four budgets, beside':<44} {median(taken) * 1000:8.4f} ms")


if __name__ == "__main__":
    asyncio.run(main())
