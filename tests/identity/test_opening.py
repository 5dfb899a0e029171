"""Tokens of an issuer that is really asked, over a line of this machine."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from api.identity import CannotBeChecked, UnknownIssuer, WrongAudience
from domain.principal import Principal
from infra.identity.identities import open_identities
from infra.settings import Settings
from tests.identity.issuing import published, token

WHERE = "203.0.113.7"
UNUSED: Any = None


@pytest.fixture
def issuer() -> Iterator[str]:
    """An issuer's address, with a key that is published under it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            documents = {
                "/.well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/keys"},
                "/keys": {"keys": [published()]},
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(documents[self.path]).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield url
        server.shutdown()
        thread.join()


def bearer(issuer: str, **changed: Any) -> str:
    now = time.time()
    return f"Bearer {token(iss=issuer, iat=now, exp=now + 60, **changed)}"


async def test_an_issuer_of_the_settings_is_asked_for_its_keys(issuer: str) -> None:
    settings = Settings.from_environment({"CORDEE_ISSUERS": f"{issuer} cordee"})
    async with open_identities(settings, UNUSED, None) as identities:
        identity = await identities.identify(bearer(issuer), WHERE)
        assert identity.principal == Principal.id_of(issuer, "somebody")
        with pytest.raises(WrongAudience):
            await identities.identify(bearer(issuer, aud="other"), WHERE)
        with pytest.raises(UnknownIssuer):
            await identities.identify(bearer("https://elsewhere.example"), WHERE)


async def test_an_issuer_that_is_away_is_told_apart_from_a_wrong_token(issuer: str) -> None:
    away = issuer.rpartition(":")[0] + ":1"
    settings = Settings.from_environment({"CORDEE_ISSUERS": f"{away} cordee"})
    async with open_identities(settings, UNUSED, None) as identities:
        with pytest.raises(CannotBeChecked):
            await identities.identify(bearer(away), WHERE)
