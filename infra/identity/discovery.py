"""Where an issuer publishes its keys (OpenID Connect Discovery 1.0), fetched within bounds."""

import asyncio
import json
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from infra.identity.key_ring import Undiscoverable
from infra.identity.token import PublicKey

LONGEST: Final = 5.0
"""Seconds that both documents may take together."""
MOST_BYTES: Final = 256 * 1024
"""Bytes of a document."""


async def fetch_keys(issuer: str, http: httpx.AsyncClient) -> list[PublicKey]:
    """Give the keys that an issuer publishes now.

    Raises:
        Undiscoverable: it does not answer in time, or not as an issuer does.
    """
    try:
        async with asyncio.timeout(LONGEST):
            about = await _document(f"{issuer.rstrip('/')}/.well-known/openid-configuration", http)
            # Whoever could stand in for another issuer would stand in for all its people.
            if about.get("issuer") != issuer:
                raise Undiscoverable(f"{issuer} calls itself {about.get('issuer')!r}")
            address = about.get("jwks_uri")
            if not isinstance(address, str) or not _as_safe(address, issuer):
                raise Undiscoverable(f"{issuer} has its keys at {address!r}, which is no https")
            published = (await _document(address, http)).get("keys")
    except TimeoutError:
        raise Undiscoverable(f"{issuer} took more than {LONGEST:.0f} s") from None
    if not isinstance(published, list):
        raise Undiscoverable(f"{issuer} publishes no key set")
    keys = [key for each in published if (key := PublicKey.read(each))]
    if not keys:
        raise Undiscoverable(f"{issuer} publishes no key that is of use here")
    return keys


async def _document(address: str, http: httpx.AsyncClient) -> dict[str, Any]:
    # Not compressed: a few bytes could become a great many before they are counted.
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    body = bytearray()
    try:
        async with http.stream("GET", address, headers=headers, follow_redirects=False) as answer:
            if answer.status_code != httpx.codes.OK:
                raise Undiscoverable(f"{address} answers {answer.status_code}")
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise Undiscoverable(f"{address} has more than {MOST_BYTES} bytes")
        document = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Undiscoverable(f"{address} does not answer: {type(error).__name__}") from error
    except (ValueError, RecursionError):
        raise Undiscoverable(f"{address} is no JSON") from None
    if not isinstance(document, dict):
        raise Undiscoverable(f"{address} is no JSON object")
    return document


def _as_safe(address: str, issuer: str) -> bool:
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return False
    return scheme in {"https", urlsplit(issuer).scheme}
