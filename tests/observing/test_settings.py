"""What the environment may say of metrics and traces."""

import pytest

from infra.settings import Settings, SettingsError


def test_nothing_is_watched_unless_it_is_asked_for() -> None:
    settings = Settings.from_environment({})
    assert (settings.metrics_host, settings.metrics_port) == ("127.0.0.1", None)
    assert not settings.traces


def test_metrics_have_a_host_and_a_port_of_their_own() -> None:
    given = {"CORDEE_METRICS_HOST": "0.0.0.0", "CORDEE_METRICS_PORT": "9464"}  # noqa: S104
    settings = Settings.from_environment(given)
    assert (settings.metrics_host, settings.metrics_port) == ("0.0.0.0", 9464)  # noqa: S104


@pytest.mark.parametrize(
    ("environ", "traces"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, False),
        ({"OTEL_SDK_DISABLED": "True", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, False),
        ({"OTEL_SERVICE_NAME": "ours"}, False),
    ],
)
def test_traces_leave_where_the_standard_variables_say(
    environ: dict[str, str], traces: bool
) -> None:
    assert Settings.from_environment(environ).traces is traces


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            "OTEL_TRACES_EXPORTER is 'zipkin': write otlp, or none.",
        ),
        (
            {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc': write http/protobuf.",
        ),
        (
            {"CORDEE_METRICS_PORT": "all"},
            "CORDEE_METRICS_PORT is 'all': write a whole number from 0 to 65535.",
        ),
    ],
)
def test_what_is_not_understood_is_told_with_what_to_write(
    environ: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_environment(environ)
    assert wrong.value.problems == (said,)
