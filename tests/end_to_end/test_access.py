"""Who calls is proved to a real server: by tokens, and by keys that come and go while it runs."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from infra.identity.built_in import BuiltInIssuer
from tests.end_to_end.running import PATIENCE, Running, environment, run, running

PROTOCOL = Subprotocol("graphql-transport-ws")
VIEWER = "{ viewer { id grants { role } } }"
REGISTER = (
    'mutation { registerOrganisation(input: {name: "A machine was here", kind: UNION})'
    " { __typename ... on Refusal { code } } }"
)


def post(demo: Running, token: str | None, query: str = VIEWER) -> httpx.Response:
    proof = {} if token is None else {"authorization": f"Bearer {token}"}
    return httpx.post(f"{demo.url}/graphql", json={"query": query}, headers=proof, timeout=PATIENCE)


def roles(viewer: Any) -> list[str]:
    return [grant["role"] for grant in viewer["grants"]]


def _closed(socket: ClientConnection) -> int | None:
    """Give the code with which the other side closes a connection, within three seconds."""
    try:
        while True:
            socket.recv(timeout=3)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_a_token_of_the_command_line_is_a_persona(demo: Running) -> None:
    viewer = post(demo, demo.token("coordinator", "--cohort", "Ouest")).json()["data"]["viewer"]
    assert roles(viewer) == ["COHORT_COORDINATOR"]
    assert post(demo, None).json()["data"]["viewer"] is None


def test_the_page_hands_the_same_tokens_out(demo: Running) -> None:
    page = httpx.get(f"{demo.url}/personas/auditrice").text
    token = page.split("<pre>")[1].split("</pre>")[0]
    assert roles(post(demo, token).json()["data"]["viewer"]) == ["AUDITOR"]


def test_a_role_that_nobody_has_there_is_answered_with_those_who_are(demo: Running) -> None:
    told = run("token", "--as", "coordinator", "--cohort", "Mars", env=demo.env)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "coordinatrice-ouest" in told.stderr


def test_a_token_of_another_data_folder_proves_nothing(demo: Running) -> None:
    impostor = BuiltInIssuer(b"x" * 32).token("exploitante", time.time())
    answer = post(demo, impostor)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "WRONG_SIGNATURE"


def test_a_command_needs_a_caller_and_the_right_one(demo: Running) -> None:
    def code(token: str | None) -> str:
        return str(post(demo, token, REGISTER).json()["data"]["registerOrganisation"]["code"])

    assert code(None) == "NOT_SIGNED_IN"
    assert code(demo.token("auditor")) == "FORBIDDEN"


def test_the_demos_tokens_do_not_count_where_it_is_not_the_demo(
    database: str, tmp_path: Path
) -> None:
    env = environment(tmp_path / "data", DATABASE_URL=database, CORDEE_LOG_LEVEL="debug")
    with running("serve", env=env) as served:
        token = served.token("operator")
        answer = post(served, token)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_ISSUER"
        assert httpx.get(f"{served.url}/personas").status_code == 404
        said = served.interrupt()
    assert token not in said


def test_a_machines_key_opens_until_it_is_revoked(demo: Running) -> None:
    issued = run("key", "issue", "--label", "open data", env=demo.env)
    assert issued.returncode == 0, issued.stderr
    key = issued.stdout.strip()
    _, id, secret = key.split("_", 2)
    viewer = post(demo, key).json()["data"]["viewer"]
    assert roles(viewer) == []
    assert viewer["id"] in issued.stderr
    granted = run("grant", "auditor", "--to", viewer["id"], "--on", "region:28", env=demo.env)
    assert granted.returncode == 0, granted.stderr
    assert roles(post(demo, key).json()["data"]["viewer"]) == ["AUDITOR"]
    listed = run("key", "list", env={**demo.env, "COLUMNS": "200"})
    assert f"key_{id}" in listed.stdout
    assert secret not in listed.stdout + listed.stderr

    url = f"{demo.url.replace('http', 'ws')}/graphql"
    header = {"Authorization": f"Bearer {key}"}
    with connect(url, subprotocols=[PROTOCOL], additional_headers=header) as socket:
        socket.send('{"type": "connection_init"}')
        assert "connection_ack" in str(socket.recv())
        socket.send(
            '{"id": "a", "type": "subscribe",'
            ' "payload": {"query": "subscription { events { position } }"}}'
        )
        revoked = run("key", "revoke", f"key_{id}", env=demo.env)
        assert revoked.returncode == 0, revoked.stderr
        assert _closed(socket) == 4403
    answer = post(demo, key)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "KEY_REFUSED"


def test_the_first_operator_is_made_by_the_command_line(demo: Running) -> None:
    granted = run(
        "grant",
        "exploitant",
        "--issuer",
        "https://login.example",
        "--subject",
        "somebody",
        env=demo.env,
    )
    assert granted.returncode == 0, granted.stderr
    assert granted.stdout.startswith("prn_")
    assert granted.stdout.strip().endswith("is platform operator of the platform.")


def test_a_site_that_may_not_ask_gets_no_socket(demo: Running) -> None:
    url = f"{demo.url.replace('http', 'ws')}/graphql"
    with pytest.raises(InvalidStatus, match="403"):
        connect(url, subprotocols=[PROTOCOL], origin=Origin("https://evil.example"))
