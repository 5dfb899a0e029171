"""Credentials in, identities out: tokens of issuers, and keys of machines."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache, partial
from uuid import UUID

from api.identity import (
    ANYBODY,
    CannotBeChecked,
    TokenExpired,
    TokenNotYetValid,
    Unauthenticated,
)
from api.ports import Identity, Reads
from domain.identity import external
from domain.principal import Principal
from infra.budgets import Guesses
from infra.identity.api_keys import PREFIX, ApiKey, ApiKeys
from infra.identity.built_in import NAME, BuiltInIssuer
from infra.identity.issuers import MOST_KEPT, Issuers, Trusted
from infra.identity.key_ring import KeyRing
from infra.identity.token import Verified
from infra.settings import Settings

_SCHEME = "bearer"


class Identities:
    """Checks credentials; those that were right a moment ago are never taken for a guess."""

    def __init__(self, issuers: Issuers, keys: ApiKeys, guesses: Guesses) -> None:
        self._issuers = issuers
        self._keys = keys
        self._guesses = guesses

    async def identify(self, authorization: str | None, address: str) -> Identity:
        """Tell who sends an `Authorization` header; without one it is anybody.

        Raises:
            Unauthenticated: it proves nothing.
            TooManyGuesses: too many wrong ones came from this address.
            CannotBeChecked: what would prove it is away.
        """
        if authorization is None:
            return ANYBODY
        scheme, _, text = authorization.partition(" ")
        text = text.strip()
        if scheme.lower() != _SCHEME or not text:
            raise Unauthenticated
        if text.startswith(PREFIX):
            return await self._by_key(ApiKey.read(text), address)
        return await self._by_token(text, address)

    async def stands(self, identity: Identity) -> bool:
        """Tell whether the key that proved an identity has not been revoked since."""
        if identity.key is None:
            return True
        try:
            return await self._keys.stands(identity.key)
        except CannotBeChecked:  # a database that is away revokes nothing
            return True

    async def _by_token(self, text: str, address: str) -> Identity:
        verified = self._issuers.known(text)
        if verified is None:
            self._guesses.check(address)
            try:
                verified = await self._issuers.verify(text)
            except (TokenExpired, TokenNotYetValid):  # it was signed: nobody made it up
                raise
            except Unauthenticated:
                self._guesses.wrong(address)
                raise
        return _bearer(verified)

    async def _by_key(self, key: ApiKey, address: str) -> Identity:
        principal = self._keys.known(key)
        if principal is None:
            self._guesses.check(address)
            try:
                principal = await self._keys.verify(key)
            except Unauthenticated:
                self._guesses.wrong(address)
                raise
        return _identity(principal, key=key.id)


@asynccontextmanager
async def open_identities(
    settings: Settings, reads: Reads, demo: BuiltInIssuer | None
) -> AsyncIterator[Identities]:
    """Open what tells who is calling: the issuers of the settings, keys, the demo's own issuer."""
    async with AsyncExitStack() as parts:
        trusted = {}
        if settings.issuers:
            import httpx

            from infra.identity.discovery import LONGEST, fetch_keys

            http = await parts.enter_async_context(httpx.AsyncClient(timeout=LONGEST))
            for issuer in settings.issuers:
                ring = KeyRing(partial(fetch_keys, issuer.url, http))
                trusted[issuer.url] = Trusted(issuer.audience, ring)
        if demo is not None:
            trusted[NAME] = demo.trusted()
        issuers = Issuers(trusted)
        parts.push_async_callback(issuers.close)
        yield Identities(issuers, ApiKeys(reads), Guesses(settings.guesses))


@lru_cache(maxsize=MOST_KEPT)
def _bearer(verified: Verified) -> Identity:
    principal = Principal.id_of(verified.issuer, verified.subject)
    return _identity(principal, expires_at=verified.expires_at)


def _identity(
    principal: UUID, *, key: UUID | None = None, expires_at: float | None = None
) -> Identity:
    return Identity(
        actor=external("principal", principal),
        principal=principal,
        key=key,
        expires_at=expires_at,
    )
