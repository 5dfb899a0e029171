"""An issuer's keys are kept, followed when they change, and not asked for too often."""

import asyncio
from collections.abc import Sequence

import pytest

from infra.identity.key_ring import FRESH, PAUSE, STALE, KeyRing, NoKeys, Undiscoverable
from infra.identity.token import PublicKey
from tests.identity.issuing import public


class Published:
    """What an issuer publishes, and how often it was asked."""

    def __init__(self, *keys: PublicKey) -> None:
        self.keys: Sequence[PublicKey] | None = keys
        self.asked = 0
        self.now = 1000.0
        self.ring = KeyRing(self.fetch, lambda: self.now)

    async def fetch(self) -> Sequence[PublicKey]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.keys is None:
            raise Undiscoverable("away")
        return self.keys


async def test_keys_are_asked_for_once() -> None:
    issuer = Published(public("one"), public("two"))
    for id in ("one", "two", "one"):
        assert (await issuer.ring.key(id, "EdDSA")) == public(id)
    assert issuer.asked == 1


async def test_many_at_once_ask_once() -> None:
    issuer = Published(public("one"))
    found = await asyncio.gather(*(issuer.ring.key("one", "EdDSA") for _ in range(50)))
    assert set(map(id, found)) == {id(found[0])}
    assert issuer.asked == 1


async def test_an_unknown_key_is_looked_for_once_in_a_while() -> None:
    issuer = Published(public("one"))
    assert await issuer.ring.key("one", "EdDSA")
    issuer.now += PAUSE
    for _ in range(20):
        assert await issuer.ring.key("made up", "EdDSA") is None
    assert issuer.asked == 2
    issuer.now += PAUSE
    issuer.keys = (public("one"), public("two"))
    assert await issuer.ring.key("two", "EdDSA") == public("two")


async def test_a_key_of_another_algorithm_is_none() -> None:
    issuer = Published(public("one"))
    assert await issuer.ring.key("one", "RS256") is None


async def test_without_an_id_it_is_the_only_key_or_none() -> None:
    issuer = Published(public("one"), public("rsa", "RSA"))
    assert await issuer.ring.key(None, "EdDSA") == public("one")
    issuer.keys = (public("one"), public("two"))
    issuer.now += FRESH
    await issuer.ring.key("one", "EdDSA")
    await asyncio.sleep(0.01)
    assert await issuer.ring.key(None, "EdDSA") is None


async def test_keys_serve_on_while_their_issuer_is_away_but_not_for_ever() -> None:
    issuer = Published(public("one"))
    assert await issuer.ring.key("one", "EdDSA")
    issuer.keys = None
    issuer.now += STALE - 1
    assert await issuer.ring.key("one", "EdDSA") == public("one")
    assert issuer.ring.stands(issuer.ring.edition)
    issuer.now += PAUSE
    with pytest.raises(NoKeys):
        await issuer.ring.key("one", "EdDSA")
    assert not issuer.ring.stands(issuer.ring.edition)


async def test_an_issuer_that_was_never_there_has_no_keys() -> None:
    issuer = Published()
    issuer.keys = None
    for _ in range(5):
        with pytest.raises(NoKeys):
            await issuer.ring.key("one", "EdDSA")
    assert issuer.asked == 1


async def test_a_withdrawn_key_takes_what_it_verified_with_it() -> None:
    issuer = Published(public("one"), public("two"))
    await issuer.ring.key("one", "EdDSA")
    edition = issuer.ring.edition
    assert issuer.ring.stands(edition)
    issuer.keys = (public("two"),)
    issuer.now += FRESH
    assert issuer.ring.stands(edition)  # it is looked at in the background
    await asyncio.sleep(0.01)
    assert not issuer.ring.stands(edition)
    assert await issuer.ring.key("one", "EdDSA") is None


async def test_keys_that_stay_the_same_keep_what_they_verified() -> None:
    issuer = Published(public("one"))
    await issuer.ring.key("one", "EdDSA")
    edition = issuer.ring.edition
    issuer.now += FRESH
    await issuer.ring.key("one", "EdDSA")
    await asyncio.sleep(0.01)
    assert issuer.asked == 2
    assert issuer.ring.stands(edition)


async def test_it_gives_up_what_is_under_way() -> None:
    async def never() -> Sequence[PublicKey]:
        await asyncio.Event().wait()
        raise AssertionError

    ring = KeyRing(never)
    asking = asyncio.ensure_future(ring.key("one", "EdDSA"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await ring.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
