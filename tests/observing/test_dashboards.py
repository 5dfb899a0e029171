"""What Grafana shows and Prometheus watches for is asked of metrics that a server really has."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from api.ports import Identity
from domain.organisation import OrganisationKind, RegisterOrganisation
from infra.observing.observatory import observing
from infra.settings import Settings
from infra.system import system
from tests.api.ports import Always
from tests.observing.scraping import Scrape, scrape

README: Final = Path(__file__).parents[2] / "README.md"
DASHBOARDS: Final = Path(__file__).parents[2] / "infra" / "dashboards"
GRAFANA: Final = DASHBOARDS / "grafana" / "cordee.json"
ALERTS: Final = DASHBOARDS / "alerts.yml"

OF_PROMETHEUS: Final = {"up"}
"""Metrics that Prometheus makes itself."""
OF_TARGETS: Final = {"instance", "job", "le"}
"""Labels that Prometheus adds, and the one that histograms have."""
_WORDS: Final = {"and", "or", "unless", "by", "without", "on", "ignoring", "offset", "bool"}
_NAME: Final = r"[a-zA-Z_][a-zA-Z0-9_:]*"


@pytest.fixture
async def scraped(prepared: str, tmp_path: Path) -> Scrape:
    """What a server shows that has just been started, and was asked and told one thing."""
    given = {
        "CORDEE_DATA_DIR": str(tmp_path),
        "CORDEE_METRICS_PORT": "0",
        "CORDEE_NATS_URL": "nats://127.0.0.1:9",  # nobody is there, and that is shown
    }
    settings, said = Settings.from_environment(given), list[str]()
    ourselves = Identity(actor="tests", trusted=True)
    async with (
        observing(settings, said.append) as observatory,
        system(
            settings, prepared, identities=Always(ourselves), observatory=observatory
        ) as running,
    ):
        command = RegisterOrganisation(name="The first", kind=OrganisationKind.UNION)
        done = await running.commands.execute(command, ourselves.caller("en"))
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.post("/graphql", json={"query": "{ organisations { nodes { name } } }"})
        assert await running.positions.reached(done.position, 10)
        return await asyncio.to_thread(scrape, said[0].split()[-1].removesuffix("/metrics"))


def metrics_of(query: str) -> set[str]:
    """Name the metrics of which a query speaks."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]", " ", re.sub(r'"[^"]*"', '""', query))
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", " ", bare)
    return {
        found[0]
        for found in re.finditer(rf"(?<![\w:.]){_NAME}\b(?!\s*\()", bare)
        if found[0] not in _WORDS
    }


def labels_of(query: str) -> set[str]:
    """Name the labels by which a query chooses and groups."""
    bare = re.sub(r'"[^"]*"', '""', query)
    chosen = (
        name
        for inside in re.findall(r"\{([^}]*)\}", bare)
        for name in re.findall(rf"({_NAME})\s*(?:=~|!~|!=|=)", inside)
    )
    grouped = (
        name
        for inside in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", bare)
        for name in re.findall(_NAME, inside)
    )
    return {*chosen, *grouped}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every panel of the dashboard that asks for anything."""
    for panel in json.loads(GRAFANA.read_text("utf-8"))["panels"]:
        if panel["type"] != "row":
            yield panel["title"], panel


def alerts() -> dict[str, str]:
    """Give the query of every alert by its name, folded lines joined."""
    found, name = {}, ""
    lines = iter(ALERTS.read_text("utf-8").splitlines())
    for line in lines:
        if match := re.match(r"\s+- alert: (\w+)$", line):
            name = match[1]
        elif match := re.match(r"\s+expr: (.*)$", line):
            query = match[1]
            if query == ">-":
                query = ""
                for more in lines:
                    if more.strip().startswith("for: "):
                        break
                    query += f" {more.strip()}"
            found[name] = query
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Give every query of the dashboard and of the alerts, with the place where it stands."""
    yield from alerts().items()
    for title, panel in panels():
        for target in panel["targets"]:
            yield title, target["expr"]


def test_every_query_asks_for_what_there_is(scraped: Scrape) -> None:
    names = scraped.names() | OF_PROMETHEUS
    missing = {(place, name) for place, query in queries() for name in metrics_of(query) - names}
    assert missing == set()
    assert len(list(queries())) > 60


def test_every_query_groups_and_chooses_by_labels_that_there_are(scraped: Scrape) -> None:
    labels = {
        label for family in scraped.families for sample in family.samples for label in sample.labels
    } | OF_TARGETS
    unknown = {(place, name) for place, query in queries() for name in labels_of(query) - labels}
    # A budget that was never spent has no series yet; a projection that never failed none either.
    assert unknown <= {("Turned away", "budget"), ("Batches and errors", "kind")}


def test_what_must_wake_somebody_is_watched_for() -> None:
    watched_for = set().union(*map(metrics_of, alerts().values()))
    assert {
        "cordee_ready",
        "cordee_projection_stopped",
        "cordee_projection_lag_seconds",
        "cordee_seal_lag_seconds",
        "cordee_appends_total",
        "cordee_pool_used_connections",
        "cordee_data_free_bytes",
    } <= watched_for


def test_every_metric_of_ours_is_shown_somewhere(scraped: Scrape) -> None:
    ours = {family.name for family in scraped.families if family.name.startswith("cordee")}
    asked = set().union(*(metrics_of(query) for _, query in queries()))
    shown = {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in asked}
    without_a_place = {"cordee_build_info", "cordee_http_requests_in_progress"}
    assert {re.sub("_total$", "", name) for name in ours} - shown == without_a_place


def test_every_metric_that_the_readme_names_is_there(scraped: Scrape) -> None:
    section = README.read_text("utf-8").partition("### Watch it")[2].partition("\n### ")[0]
    named = set(re.findall(r"`(cordee_\w+)`", section))
    told = scraped.names() | {family.name for family in scraped.families}
    assert len(named) > 30
    assert named - told == set()


def test_panels_have_numbers_of_their_own_and_say_what_they_show() -> None:
    numbers = [panel["id"] for _, panel in panels()]
    assert len(set(numbers)) == len(numbers)
    assert all(panel["description"] for _, panel in panels())


@pytest.mark.parametrize(
    ("query", "metrics", "labels"),
    [
        ("up == 0", {"up"}, set()),
        ('sum by (a) (rate(b_total{c=~"d.e"}[5m])) > 1', {"b_total"}, {"a", "c"}),
        ("x and on (l) y == 1", {"x", "y"}, {"l"}),
        (
            "histogram_quantile(0.99, sum by (le) (rate(z_bucket[$__rate_interval])))",
            {"z_bucket"},
            {"le"},
        ),
        ("predict_linear(f[6h], 86400) < 0", {"f"}, set()),
    ],
)
def test_a_query_is_read_for_its_metrics_and_labels(
    query: str, metrics: set[str], labels: set[str]
) -> None:
    assert (metrics_of(query), labels_of(query)) == (metrics, labels)
