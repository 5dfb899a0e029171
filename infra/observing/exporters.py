"""Exporters of traces, as the standard variables of OpenTelemetry name them."""

from collections.abc import Mapping
from typing import Final

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
SPOKEN: Final = "http/protobuf"


def exporting(environ: Mapping[str, str]) -> bool:
    """Tell whether traces are to be sent anywhere."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    match environ.get("OTEL_TRACES_EXPORTER", "").strip():
        case "none":
            return False
        case "":
            return any(environ.get(name, "").strip() for name in ENDPOINTS)
        case _:
            return True


def problems(environ: Mapping[str, str]) -> list[str]:
    """Say what of the variables is not understood, each with what to write."""
    if not exporting(environ):
        return []
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip()
    found = []
    if exporter not in {"", "otlp"}:
        found.append(f"OTEL_TRACES_EXPORTER is {exporter!r}: write otlp, or none.")
    for name in PROTOCOLS:
        protocol = environ.get(name, "").strip()
        if protocol not in {"", SPOKEN}:
            found.append(f"{name} is {protocol!r}: write {SPOKEN}.")
    return found
