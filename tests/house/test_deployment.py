"""The containers: built and started as their formats want it, and with no right too many."""

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from infra.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
WITHIN = {
    "POSTGRES_PASSWORD": "secret",
    "CORDEE_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    "GRAFANA_PASSWORD": "secret",
    "NATS_PASSWORD": "secret",
    "NATS_PARTNER_PASSWORD": "known to partners",
}
ROOTLESS = {"postgres", "haproxy", "nobody", "grafana"}
OURS = {"migration", "interface", "worker", "relay"}
PROGRAMS = Path(sys.executable).parent
"""Where the programs of this environment are, also while it is not on the path."""


@pytest.fixture(scope="module")
def compose() -> Any:
    """What the compose file says, its anchors resolved."""
    return YAML(typ="safe").load(COMPOSE)


def test_the_compose_file_keeps_to_the_specification() -> None:
    checked = subprocess.run(
        [PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_dockerfile_leaves_nothing_to_complain_about() -> None:
    checked = subprocess.run(
        [PROGRAMS / "hadolint", ROOT / "infra" / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_every_container_is_bounded_and_confined(compose: Any) -> None:
    for name, service in compose["services"].items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits.keys() == {"cpus", "memory", "pids"}, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_nothing_runs_as_root(compose: Any) -> None:
    services = compose["services"]
    assert {service["user"] for name, service in services.items() if name not in OURS} == ROOTLESS
    *_, last = (ROOT / "infra" / "Dockerfile").read_text("utf-8").split("\nFROM ")
    assert "\nUSER 65532\n" in last
    assert not [name for name in OURS if "user" in services[name]]


def test_all_that_serves_says_whether_it_is_well(compose: Any) -> None:
    unasked = {
        name for name, service in compose["services"].items() if "healthcheck" not in service
    }
    assert unasked == {"migration", "interface"}  # it ends; it has the check of its image


def test_interfaces_and_workers_can_be_many(compose: Any) -> None:
    for name in ("interface", "worker"):
        service = compose["services"][name]
        assert "container_name" not in service
        assert "ports" not in service
        assert service["deploy"]["replicas"] > 1


def test_only_proxy_graphs_and_broker_are_reached_and_only_from_this_machine(
    compose: Any,
) -> None:
    reached = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    assert reached.keys() == {"proxy", "grafana", "broker"}
    assert all(port.startswith("127.0.0.1:") for ports in reached.values() for port in ports)
    assert compose["networks"]["inside"]["internal"] is True


def test_every_file_that_is_given_to_a_container_is_there(compose: Any) -> None:
    given = [config["file"] for config in compose["configs"].values()]
    given += [
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
        if volume.startswith("./")
    ]
    assert [path for path in given if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_program_understands_what_its_container_tells_it(compose: Any, name: str) -> None:
    said: dict[str, str] = compose["services"][name]["environment"]
    settings = Settings.from_environment(
        {variable: _filled_in(value) for variable, value in said.items()}
    )
    assert settings.database_url == "postgresql://cordee:secret@database:5432/cordee"
    assert settings.broker is not None
    assert settings.broker.urls == ("nats://cordee:secret@broker:4222",)


def _filled_in(value: str) -> str:
    """Put the values of the `.env` file where the compose file names them."""
    before, opened, rest = value.partition("${")
    if not opened:
        return value
    inside, _, after = rest.partition("}")
    variable, _, otherwise = inside.partition(":")
    return before + WITHIN.get(variable, otherwise.removeprefix("-")) + _filled_in(after)
