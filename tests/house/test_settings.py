"""What the environment may say, and what is answered when it says something else."""

import base64
from pathlib import Path

import pytest

from domain.identity import Id
from infra.settings import BrokerSettings, Issuer, Quota, Settings, SettingsError


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(environ)
    return refused.value.problems


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_environment({})

    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url is None
    assert settings.master_key is None
    assert settings.pool_size == 8
    assert settings.disclosure_threshold == 10
    assert settings.issuers == ()
    assert settings.origins == ()
    assert settings.trusted_proxies == ()
    assert settings.caller_requests == Quota(60_000, 60)
    assert settings.caller_cost == Quota(12_000_000, 60)
    assert settings.address_requests == Quota(300_000, 60)
    assert settings.address_cost == Quota(60_000_000, 60)
    assert settings.rebuild_memory == 512 * 1024 * 1024
    assert settings.documents == ()
    assert not settings.documents_only
    assert settings.compression
    assert settings.answer_cache == 64 * 1024 * 1024
    assert settings.public_url is None
    assert settings.broker is None
    assert (settings.webhook_allow, settings.webhook_patience) == ((), 72)
    assert settings.log_level == "info"
    assert settings.data_dir.name == "cordee"
    assert settings.data_dir.is_absolute()


def test_every_setting_is_read() -> None:
    key = bytes(range(32))
    settings = Settings.from_environment(
        {
            "CORDEE_DATA_DIR": "/srv/cordee",
            "CORDEE_HOST": "::1",
            "CORDEE_PORT": "0",
            "DATABASE_URL": "postgresql://cordee:secret@db.example:5433/cordee",
            "CORDEE_MASTER_KEY": base64.b64encode(key).decode(),
            "CORDEE_MASTER_KEY_PREVIOUS": base64.b64encode(key[::-1]).decode(),
            "CORDEE_MASTER_KEY_COMMAND": "vault read 'master key'",
            "CORDEE_POOL_SIZE": "20",
            "CORDEE_DISCLOSURE_THRESHOLD": "15",
            "CORDEE_ISSUERS": "https://login.example/a cordee, http://localhost:8080/b our api",
            "CORDEE_ORIGINS": "https://App.example, http://localhost:3000",
            "CORDEE_TRUSTED_PROXIES": "10.0.0.5, 2001:db8::/64",
            "CORDEE_CALLER_REQUESTS": "10/second",
            "CORDEE_CALLER_COST": "off",
            "CORDEE_ADDRESS_REQUESTS": "100 / minute",
            "CORDEE_ADDRESS_COST": "1000000/hour",
            "CORDEE_GUESSES": "5/2 minutes",
            "CORDEE_DOCUMENTS": "/srv/web.json, /srv/mobile.json",
            "CORDEE_REBUILD_MEMORY": "1024",
            "CORDEE_DOCUMENTS_ONLY": "on",
            "CORDEE_ANSWER_CACHE": "2",
            "CORDEE_LIMITS": "objects=20000, depth=15",
            "CORDEE_COMPRESSION": "OFF",
            "CORDEE_PUBLIC_URL": "https://cordee.example",
            "CORDEE_NATS_URL": "nats://cordee:secret@one:4222, tls://two",
            "CORDEE_NATS_STREAM": "cordee-test",
            "CORDEE_NATS_DAYS": "30",
            "CORDEE_NATS_MEGABYTES": "512",
            "CORDEE_NATS_REPLICAS": "5",
            "CORDEE_NATS_PRINCIPAL": f"prn_{'0' * 32}",
            "CORDEE_WEBHOOK_ALLOW": "10.0.0.0/8, Hooks.internal",
            "CORDEE_WEBHOOK_PATIENCE": "24",
            "CORDEE_METRICS_HOST": "10.0.0.9",
            "CORDEE_METRICS_PORT": "9464",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://10.0.0.8:4318",
            "CORDEE_LOG_LEVEL": "WARNING",
            "PATH": "/usr/bin",
        }
    )

    assert settings == Settings(
        data_dir=Path("/srv/cordee"),
        host="::1",
        port=0,
        database_url="postgresql://cordee:secret@db.example:5433/cordee",
        master_key=key,
        master_key_previous=key[::-1],
        master_key_command="vault read 'master key'",
        pool_size=20,
        disclosure_threshold=15,
        issuers=(
            Issuer("https://login.example/a", "cordee"),
            Issuer("http://localhost:8080/b", "our api"),
        ),
        origins=("https://app.example", "http://localhost:3000"),
        trusted_proxies=("10.0.0.5/32", "2001:db8::/64"),
        caller_requests=Quota(10, 1),
        caller_cost=None,
        address_requests=Quota(100, 60),
        address_cost=Quota(1_000_000, 3600),
        guesses=Quota(5, 120),
        documents=(Path("/srv/web.json"), Path("/srv/mobile.json")),
        documents_only=True,
        rebuild_memory=1 << 30,
        answer_cache=2 << 20,
        limits={"objects": 20_000, "depth": 15},
        compression=False,
        public_url="https://cordee.example/",
        broker=BrokerSettings(
            urls=("nats://cordee:secret@one:4222", "tls://two"),
            stream="cordee-test",
            days=30,
            size=512 << 20,
            replicas=5,
            principal=Id(f"prn_{'0' * 32}"),
        ),
        webhook_allow=("10.0.0.0/8", "hooks.internal"),
        webhook_patience=24,
        metrics_host="10.0.0.9",
        metrics_port=9464,
        traces=True,
        log_level="warning",
    )


def test_an_empty_value_counts_as_not_set() -> None:
    assert Settings.from_environment({"CORDEE_PORT": " ", "DATABASE_URL": ""}).port == 8000


def test_a_home_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert Settings.from_environment({"CORDEE_DATA_DIR": "~/data"}).data_dir == Path(
        "/home/somebody/data"
    )


def test_an_unknown_setting_is_named_with_the_one_that_was_meant() -> None:
    assert problems(CORDEE_PROT="80") == (
        "CORDEE_PROT is not a setting: did you mean CORDEE_PORT?",
    )


def test_an_unknown_setting_that_resembles_none_is_answered_with_all() -> None:
    (problem,) = problems(CORDEE_ZZZ="80")

    assert problem.startswith("CORDEE_ZZZ is not a setting: there are CORDEE_DATA_DIR, ")
    assert problem.endswith(" and CORDEE_LOG_LEVEL.")


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = problems(CORDEE_PORT="eighty", CORDEE_LOG_LEVEL="loud", CORDEE_HOTS="::", OTHER="x")

    assert said == (
        "CORDEE_PORT is 'eighty': write a whole number from 0 to 65535.",
        "CORDEE_LOG_LEVEL is 'loud': write debug, info, warning, error.",
        "CORDEE_HOTS is not a setting: did you mean CORDEE_HOST?",
    )


@pytest.mark.parametrize("port", ["65536", "-1", "8_000", "８０", "8000.0", "0x50", "9" * 5000])
def test_a_port_is_a_whole_number_in_range(port: str) -> None:
    assert problems(CORDEE_PORT=port)[0].endswith("write a whole number from 0 to 65535.")


@pytest.mark.parametrize("host", ["http://x", "a b", "x/y", "[::1]"])
def test_a_host_stands_alone(host: str) -> None:
    assert "write an address or a host name alone" in problems(CORDEE_HOST=host)[0]


@pytest.mark.parametrize("url", ["mysql://x/y", "localhost", "/run/db", "postgres://["])
def test_a_database_is_a_postgresql(url: str) -> None:
    assert "write postgresql://" in problems(DATABASE_URL=url)[0]


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example",
        "http://login.example cordee",
        "ftp://login.example cordee",
        "cordee",
        "https://login.example?x=1 cordee",
        "https:// cordee",
        "https://login.example:x cordee",
    ],
)
def test_an_issuer_is_an_address_that_cannot_be_listened_in_on(issuer: str) -> None:
    assert "write the address of an issuer" in problems(CORDEE_ISSUERS=issuer)[0]


@pytest.mark.parametrize(
    "origin", ["*", "null", "app.example", "https://app.example/", "https://me@app.example"]
)
def test_an_origin_is_where_pages_come_from(origin: str) -> None:
    assert "write where pages come from" in problems(CORDEE_ORIGINS=origin)[0]


@pytest.mark.parametrize("proxy", ["*", "proxy.example", "10.0.0.1/24", "10.0.0"])
def test_a_proxy_is_an_address(proxy: str) -> None:
    assert "write addresses or networks" in problems(CORDEE_TRUSTED_PROXIES=proxy)[0]


@pytest.mark.parametrize(
    "quota", ["6000", "0/minute", "1/0 minutes", "-1/minute", "6/fortnight", "x/minute"]
)
def test_a_quota_is_so_much_in_a_time(quota: str) -> None:
    assert (
        "such as 6000/minute or 30/10 minutes, or off" in problems(CORDEE_CALLER_REQUESTS=quota)[0]
    )


@pytest.mark.parametrize("given", ["yes", "1", "true", "on off"])
def test_what_is_switched_is_on_or_off(given: str) -> None:
    assert problems(CORDEE_COMPRESSION=given) == (
        f"CORDEE_COMPRESSION is {given!r}: write on or off.",
    )


def test_taking_trusted_documents_alone_takes_a_manifest() -> None:
    assert problems(CORDEE_DOCUMENTS_ONLY="on") == (
        "CORDEE_DOCUMENTS_ONLY is on: name manifests in CORDEE_DOCUMENTS as well.",
    )


@pytest.mark.parametrize("threshold", ["9", "0", "-10", "ten"])
def test_the_threshold_of_disclosure_can_only_be_raised(threshold: str) -> None:
    assert "from 10 to" in problems(CORDEE_DISCLOSURE_THRESHOLD=threshold)[0]


def test_a_home_folder_of_nobody_is_refused() -> None:
    assert "no such home folder" in problems(CORDEE_DATA_DIR="~nobody-of-this-name/x")[0]


@pytest.mark.parametrize("key", ["short", "é" * 44, base64.b64encode(bytes(31)).decode()])
def test_a_wrong_key_is_refused_without_being_shown(key: str) -> None:
    (problem,) = problems(CORDEE_MASTER_KEY=key)

    assert "openssl rand -base64 32" in problem
    assert key not in problem


def test_a_wrong_address_is_refused_without_its_password() -> None:
    assert "hunter2" not in problems(DATABASE_URL="mysql://me:hunter2@host/name")[0]


@pytest.mark.parametrize(
    "url",
    ["localhost:4222", "http://broker", "nats:///x", "nats://broker:x", "nats://a/b", "nats://["],
)
def test_a_broker_is_a_nats_server_and_its_address_is_not_shown(url: str) -> None:
    (problem,) = problems(CORDEE_NATS_URL=url)
    assert "write nats://user:password@host:4222" in problem
    assert url not in problem


@pytest.mark.parametrize("name", ["a.b", "*", "a b", "é", "x" * 33])
def test_a_stream_has_a_name_that_a_subject_can_begin_with(name: str) -> None:
    assert "letters, digits, - and _" in problems(CORDEE_NATS_STREAM=name)[0]


def test_who_hears_what_goes_to_the_broker_is_a_principal() -> None:
    assert "as prn_…" in problems(CORDEE_NATS_PRINCIPAL=f"org_{'0' * 32}")[0]


@pytest.mark.parametrize("url", ["cordee.example", "nats://x", "https://me@x", "https://x?y=1"])
def test_the_public_address_is_one_of_the_web(url: str) -> None:
    assert "write an address of the web" in problems(CORDEE_PUBLIC_URL=url)[0]


def test_settings_print_neither_a_password_nor_the_key() -> None:
    printed = repr(
        Settings.from_environment(
            {
                "DATABASE_URL": "postgresql://me:hunter2@host/name",
                "CORDEE_NATS_URL": "nats://me:hunter2@host",
                "CORDEE_MASTER_KEY": base64.b64encode(b"k" * 32).decode(),
            }
        )
    )

    assert "hunter2" not in printed
    assert "kkk" not in printed


@pytest.mark.parametrize("wrong", ["objects", "objects=0", "objects=many", "pages=100", "depth=-1"])
def test_a_limit_that_is_none_is_told_with_those_that_there_are(wrong: str) -> None:
    (told,) = problems(CORDEE_LIMITS=f"aliases=40, {wrong}")
    assert told.startswith(f"CORDEE_LIMITS holds '{wrong}'")
    assert "tokens, depth, aliases, root_fields, mutations, directives, objects" in told


def test_the_answer_cache_is_so_many_megabytes_or_off() -> None:
    assert Settings.from_environment({"CORDEE_ANSWER_CACHE": "2"}).answer_cache == 2 * 1024 * 1024
    assert Settings.from_environment({"CORDEE_ANSWER_CACHE": "off"}).answer_cache == 0
    for wrong in ("0", "-1", "64 MB", "much"):
        (told,) = problems(CORDEE_ANSWER_CACHE=wrong)
        assert told.startswith("CORDEE_ANSWER_CACHE")
        assert told.endswith("in megabytes, or off.")
