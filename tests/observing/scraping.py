"""Scraping: what a Prometheus would read, as numbers by name and labels."""

from collections.abc import Iterator

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
    "info": ("_info",),
    "unknown": ("",),
}


class Scrape:
    """One reading of all metrics."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: list[Metric] = list(text_string_to_metric_families(text))
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families
            for sample in family.samples
        }

    def __getitem__(self, name: str) -> float:
        """Give the sum of all samples of a name."""
        return self.value(name)

    def value(self, name: str, **labels: str) -> float:
        """Give the sum of the samples of a name that have these labels."""
        wanted = labels.items()
        return sum(
            value
            for (found, having), value in self.samples.items()
            if found == name and wanted <= dict(having).items()
        )

    def names(self) -> set[str]:
        """Name everything that can be asked for, whether there is a sample of it yet or not."""
        return {f"{family.name}{end}" for family in self.families for end in _ends(family)}

    def labels(self) -> set[str]:
        """Name every label that a sample has."""
        return {name for _, having in self.samples for name, _ in having}


def scrape(address: str) -> Scrape:
    """Read all metrics from where a process shows them."""
    answer = httpx.get(f"{address}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    return Scrape(answer.text)


def _ends(family: Metric) -> Iterator[str]:
    yield from SUFFIXES[family.type]
