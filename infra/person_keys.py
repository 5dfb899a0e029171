"""The keys under which people's names, e-mails and telephone numbers are encrypted, one a person.

Each person's key lies in the database, wrapped by the master key, which does not. To forget a
person is to destroy this key: the events stay as they are, and nobody can read those fields again.
"""

import secrets
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final
from uuid import UUID

import asyncpg
from asyncpg import Record
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEPT: Final = 10_000
"""How many people's keys one process keeps in memory."""

KEPT_FOR: Final = 60.0
"""Seconds after which a key is asked for again: so long may a forgotten one live on elsewhere."""

_NONCE: Final = 12
_KEY: Final = 32

_MAKE: Final = """
insert into log.person_key (subject, wrapped_key)
select subject, wrapped_key from unnest($1::uuid[], $2::bytea[]) as made (subject, wrapped_key)
order by subject
on conflict (subject) do nothing
"""

_FIND: Final = """
select subject, wrapped_key from log.person_key where subject = any($1::uuid[])
"""

_FORGET: Final = """
insert into log.person_key (subject, forgotten_at) values ($1, clock_timestamp())
on conflict (subject) do update set wrapped_key = null, forgotten_at = excluded.forgotten_at
where person_key.forgotten_at is null
"""


class WrongMasterKey(Exception):
    """A person's key cannot be unwrapped: the master key is not the one that wrapped it."""


class PersonForgotten(Exception):
    """Something personal is to be written about somebody who was forgotten."""


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's key while it is kept in memory, or the knowledge that there is none."""

    cipher: AESGCM | None
    """None once the person was forgotten."""
    until: float
    """The instant, on the monotonic clock, after which it must be asked for again."""


class PersonKeys:
    """Makes, keeps and destroys people's keys."""

    def __init__(
        self,
        pool: "asyncpg.Pool[Record]",
        master_key: bytes,
        *,
        kept: int = KEPT,
        kept_for: float = KEPT_FOR,
    ) -> None:
        self._pool = pool
        self._master = AESGCM(master_key)
        self._limit = kept
        self._kept_for = kept_for
        self._kept: OrderedDict[UUID, PersonKey] = OrderedDict()

    def at_hand(self, subject: UUID) -> PersonKey | None:
        """Give a person's key if it is in memory; None says only that it is not."""
        key = self._kept.get(subject)
        if key is None or key.until < monotonic():
            return None
        return key

    async def ensure(self, subjects: Collection[UUID]) -> Mapping[UUID, PersonKey]:
        """Give the keys of people about whom something is to be written, made where missing.

        A new key is stored before it is given: no event can be encrypted under a key that is
        then lost.

        Raises:
            PersonForgotten: one of them was forgotten.
            WrongMasterKey: a key is wrapped by another master key.
        """
        found = dict(await self.fetch(subjects))
        missing = [subject for subject in subjects if subject not in found]
        if missing:
            made = [self._wrap(subject, secrets.token_bytes(_KEY)) for subject in missing]
            await self._pool.execute(_MAKE, missing, made)
            found.update(await self.fetch(missing))  # another process may have been faster
        for subject, key in found.items():
            if key.cipher is None:
                raise PersonForgotten(f"{subject} was forgotten and cannot be written about")
        return found

    async def fetch(self, subjects: Collection[UUID]) -> Mapping[UUID, PersonKey]:
        """Give the keys of people about whom something is to be read, as far as there are any.

        Raises:
            WrongMasterKey: a key is wrapped by another master key.
        """
        until = monotonic() + self._kept_for
        rows = await self._pool.fetch(_FIND, list(subjects))
        found = {
            subject: PersonKey(None if wrapped is None else self._unwrap(subject, wrapped), until)
            for subject, wrapped in rows
        }
        for subject, key in found.items():
            self._kept[subject] = key
            self._kept.move_to_end(subject)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return found

    async def forget(self, subject: UUID) -> None:
        """Destroy a person's key for ever, and let no other be made for the same person.

        Other processes may keep it in memory for a minute.
        """
        await self._pool.execute(_FORGET, subject)
        self._kept.pop(subject, None)

    def _wrap(self, subject: UUID, key: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._master.encrypt(nonce, key, subject.bytes)

    def _unwrap(self, subject: UUID, wrapped: bytes) -> AESGCM:
        try:
            key = self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject.bytes)
        except InvalidTag:
            raise WrongMasterKey(
                f"the key of {subject} was wrapped by another master key: give back the one with"
                " which this database was made"
            ) from None
        return AESGCM(key)
