"""The keys under which people's names, e-mails and telephone numbers are encrypted, one a person.

Each person's key lies in the database, wrapped by the master key, which does not. To forget a
person is to destroy this key, which the database does itself with the fact that says so: the
events stay as they are, and nobody can read those fields again.
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
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.keys.keyring import Keyring, Wrapped, WrongMasterKey

__all__ = ["PersonForgotten", "PersonKey", "PersonKeys", "WrongMasterKey"]

KEPT: Final = 10_000
"""How many people's keys one process keeps in memory."""

KEPT_FOR: Final = 60.0
"""Seconds after which a key is asked for again, whatever `infra.people.oblivion` has heard."""

_KEY: Final = 32

# Wrapped under both master keys of this process, and stored under the one that the database has in
# use at this very moment: it may be changed while this process runs. The commit is not waited for:
# the event that needs a key is committed after it, which writes out all that was committed before.
_MAKE: Final = """
with used as (
    select coalesce((select coalesce(next, fingerprint) from keys.master_key), $5) as fingerprint
), unhurried as materialized (
    select set_config('synchronous_commit', 'off', true)
)
insert into keys.person_key (subject, named_in, wrapped_key, wrapped_by)
select m.subject, m.named_in,
       case when u.fingerprint = $5 then m.by_current else m.by_previous end, u.fingerprint
from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[])
    m (subject, named_in, by_current, by_previous)
join used u on u.fingerprint in ($5, $6)
cross join unhurried
order by m.subject
on conflict (subject) do nothing
returning subject
"""

_FIND: Final = """
select subject, wrapped_by, wrapped_key from keys.person_key where subject = any($1::uuid[])
"""

_NAMED_IN: Final = "select named_in from keys.person_key where subject = $1"


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
    """Makes and keeps people's keys."""

    def __init__(
        self,
        pool: "asyncpg.Pool[Record]",
        keyring: Keyring,
        *,
        kept: int = KEPT,
        kept_for: float = KEPT_FOR,
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._limit = kept
        self._kept_for = kept_for
        self._kept: OrderedDict[UUID, PersonKey] = OrderedDict()

    def at_hand(self, subject: UUID) -> PersonKey | None:
        """Give a person's key if it is in memory; None says only that it is not."""
        key = self._kept.get(subject)
        if key is None or key.until < monotonic():
            return None
        return key

    async def ensure(self, named: Mapping[UUID, UUID]) -> Mapping[UUID, PersonKey]:
        """Give the keys of people about whom something is to be written, made where missing.

        ``named`` has the stream in which each person is named. A new key is stored before it is
        given: no event can be encrypted under a key that is then lost.

        Raises:
            PersonForgotten: one of them was forgotten.
            WrongMasterKey: a key is wrapped by another master key.
        """
        found = await self._make(named)
        if known := [subject for subject in named if subject not in found]:
            found.update(await self.fetch(known))
        for subject in named:
            if subject not in found:
                raise WrongMasterKey(
                    "the master key of this database was changed: start again with the new one"
                )
            if found[subject].cipher is None:
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
            subject: PersonKey(None if box is None else self._unwrap(subject, by, box), until)
            for subject, by, box in rows
        }
        return {subject: self._keep(subject, key) for subject, key in found.items()}

    async def named_in(self, subject: UUID) -> UUID | None:
        """Give the stream in which a person is named; None where nothing personal is kept."""
        found: UUID | None = await self._pool.fetchval(_NAMED_IN, subject)
        return found

    def forgotten(self, subject: UUID) -> None:
        """Take in that a person was forgotten: whatever comes later is read without a text."""
        self._keep(subject, PersonKey(None, monotonic() + self._kept_for))

    async def _make(self, named: Mapping[UUID, UUID]) -> dict[UUID, PersonKey]:
        """Make the keys of those who have none, and give these."""
        ring = self._keyring
        made = {subject: secrets.token_bytes(_KEY) for subject in named}
        until = monotonic() + self._kept_for
        stored = await self._pool.fetch(
            _MAKE,
            list(named),
            list(named.values()),
            *(
                [ring.wrap(key, subject.bytes, by).box for subject, key in made.items()]
                for by in (ring.current, ring.previous)
            ),
            ring.current,
            ring.previous,
        )
        return {
            subject: self._keep(subject, PersonKey(AESGCM(made[subject]), until))
            for (subject,) in stored
        }

    def _keep(self, subject: UUID, key: PersonKey) -> PersonKey:
        known = self._kept.get(subject)
        if known is not None and known.cipher is None:
            key = PersonKey(None, key.until)  # it was asked for before the person was forgotten
        self._kept[subject] = key
        self._kept.move_to_end(subject)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return key

    def _unwrap(self, subject: UUID, by: bytes, box: bytes) -> AESGCM:
        try:
            return AESGCM(self._keyring.unwrap(Wrapped(by, box), subject.bytes))
        except WrongMasterKey:
            raise WrongMasterKey(
                f"the key of {subject} was wrapped by another master key: give back the one with"
                " which this database was made"
            ) from None
