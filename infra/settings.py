"""What an operator may set, read once from the environment and typed from there on."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, Literal, Self, cast, get_args
from urllib.parse import SplitResult

import platformdirs

from domain.footprint import THRESHOLD
from domain.identity import Id, internal
from domain.refusal import Refusal
from infra.environment import (
    Reading,
    host,
    list_of,
    nats_url,
    network,
    network_or_host,
    origin,
    path,
    postgres_url,
    program,
    stream_name,
    switch,
    url_parts,
    web_address,
    whole_number,
)
from infra.observing import exporters

LogLevel = Literal["debug", "info", "warning", "error"]

_KEY_BYTES: Final = 32
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}


class SettingsError(Exception):
    """The environment holds something that no setting understands.

    Attributes:
        problems: one sentence for each wrong or unknown variable, saying what to write.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens count, and for whom they must have been made."""

    url: str
    audience: str


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of something may be asked for in so many seconds."""

    amount: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """The broker to which public events go.

    Attributes:
        urls: `CORDEE_NATS_URL`, servers of NATS, any of which will do.
        stream: `CORDEE_NATS_STREAM`, the name of its stream, with which its subjects begin.
        days: `CORDEE_NATS_DAYS`, for how long it keeps them.
        size: `CORDEE_NATS_MEGABYTES`, how many bytes it keeps at most; None is without bound.
        replicas: `CORDEE_NATS_REPLICAS`, on how many servers; None is three where there is a
            cluster, and else one.
        principal: `CORDEE_NATS_PRINCIPAL`, the one who hears what goes there; None is anybody.
    """

    urls: tuple[str, ...] = field(repr=False)  # with passwords
    stream: str
    days: int
    size: int | None
    replicas: int | None
    principal: Id | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process. A variable that is empty counts as not set.

    Attributes:
        data_dir: `CORDEE_DATA_DIR`, where the embedded PostgreSQL and the master key live.
        host: `CORDEE_HOST`, the address on which to listen.
        port: `CORDEE_PORT`, 0 for any that is free.
        database_url: `DATABASE_URL`, a PostgreSQL to use; None starts the embedded one.
        master_key: `CORDEE_MASTER_KEY`, the 32 bytes that wrap each person's key; None takes
            those of the file that `infra.keys.master_key` keeps in the data folder.
        master_key_previous: `CORDEE_MASTER_KEY_PREVIOUS`, the key that the other one replaces,
            for as long as people's keys are not all wrapped anew.
        master_key_command: `CORDEE_MASTER_KEY_COMMAND`, a program that prints the master key where
            `CORDEE_MASTER_KEY` is not set.
        pool_size: `CORDEE_POOL_SIZE`, connections that one process opens for reading.
        disclosure_threshold: `CORDEE_DISCLOSURE_THRESHOLD`, of how many people at least
            footprints are told together; never fewer than those who take part were promised.
        issuers: `CORDEE_ISSUERS`, whose tokens count.
        origins: `CORDEE_ORIGINS`, sites whose pages may ask, beside our own.
        trusted_proxies: `CORDEE_TRUSTED_PROXIES`, whose word on a caller's address is taken.
        caller_requests, caller_cost: `CORDEE_CALLER_REQUESTS` and `CORDEE_CALLER_COST`, what one
            principal may ask for, in requests and in what they cost (`api.prices`); None is
            without bound.
        address_requests, address_cost: `CORDEE_ADDRESS_REQUESTS` and `CORDEE_ADDRESS_COST`, what
            may come from one address, behind which there may be many.
        guesses: `CORDEE_GUESSES`, wrong credentials after which an address is shut out.
        rebuild_memory: `CORDEE_REBUILD_MEMORY`, bytes that a process takes at most which rebuilds
            read models, told in megabytes.
        documents: `CORDEE_DOCUMENTS`, manifests of trusted documents (`api.manifest`).
        documents_only: `CORDEE_DOCUMENTS_ONLY`, whether no other document is taken.
        answer_cache: `CORDEE_ANSWER_CACHE`, bytes that answers take which may be given again, told
            in megabytes; 0 is off.
        limits: `CORDEE_LIMITS`, what one operation may ask for where that is not what
            `api.limits.Limits` says, by its names.
        compression: `CORDEE_COMPRESSION`, whether answers are compressed for those who accept it.
        public_url: `CORDEE_PUBLIC_URL`, the address under which others know the interface; it
            ends with a slash. None is where it listens.
        broker: where public events go, and wake-ups come from; None is nowhere.
        webhook_allow: `CORDEE_WEBHOOK_ALLOW`, networks and hosts beside the public internet to
            which webhooks may lead, without TLS, too.
        webhook_patience: `CORDEE_WEBHOOK_PATIENCE`, for how many hours nothing can be delivered to
            a webhook until it is paused.
        metrics_host, metrics_port: `CORDEE_METRICS_HOST` and `CORDEE_METRICS_PORT`, where metrics
            are shown, 0 for any port that is free; without a port they are not kept.
        traces: whether the standard variables of OpenTelemetry (`OTEL_*`) name an exporter.
        log_level: `CORDEE_LOG_LEVEL`.
    """

    data_dir: Path
    host: str
    port: int
    # A password and a key: what is printed for debugging shows neither.
    database_url: str | None = field(repr=False)
    master_key: bytes | None = field(repr=False)
    master_key_previous: bytes | None = field(repr=False)
    master_key_command: str | None = field(repr=False)
    pool_size: int
    disclosure_threshold: int
    issuers: tuple[Issuer, ...]
    origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    caller_requests: Quota | None
    caller_cost: Quota | None
    address_requests: Quota | None
    address_cost: Quota | None
    guesses: Quota | None
    rebuild_memory: int
    documents: tuple[Path, ...]
    documents_only: bool
    answer_cache: int
    limits: Mapping[str, int]
    compression: bool
    public_url: str | None
    broker: BrokerSettings | None
    webhook_allow: tuple[str, ...]
    webhook_patience: int
    metrics_host: str
    metrics_port: int | None
    traces: bool
    log_level: LogLevel

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read all settings.

        Raises:
            SettingsError: naming every unknown `CORDEE_*` variable and every wrong value at once.
        """
        reading = Reading(environ)
        settings = cls(
            data_dir=reading.take("CORDEE_DATA_DIR", path, _default_data_dir()),
            host=reading.take("CORDEE_HOST", host, "127.0.0.1"),
            port=reading.take("CORDEE_PORT", whole_number(0, 65535), 8000),
            database_url=reading.take("DATABASE_URL", postgres_url, None),
            master_key=reading.take("CORDEE_MASTER_KEY", master_key_bytes, None),
            master_key_previous=reading.take("CORDEE_MASTER_KEY_PREVIOUS", master_key_bytes, None),
            master_key_command=reading.take("CORDEE_MASTER_KEY_COMMAND", program, None),
            pool_size=reading.take("CORDEE_POOL_SIZE", whole_number(1, 500), 8),
            disclosure_threshold=reading.take(
                "CORDEE_DISCLOSURE_THRESHOLD", whole_number(THRESHOLD, 10_000), THRESHOLD
            ),
            issuers=reading.take("CORDEE_ISSUERS", list_of(_issuer), ()),
            origins=reading.take("CORDEE_ORIGINS", list_of(origin), ()),
            trusted_proxies=reading.take("CORDEE_TRUSTED_PROXIES", list_of(network), ()),
            caller_requests=reading.take("CORDEE_CALLER_REQUESTS", _quota, Quota(60_000, 60)),
            caller_cost=reading.take("CORDEE_CALLER_COST", _quota, Quota(12_000_000, 60)),
            address_requests=reading.take("CORDEE_ADDRESS_REQUESTS", _quota, Quota(300_000, 60)),
            address_cost=reading.take("CORDEE_ADDRESS_COST", _quota, Quota(60_000_000, 60)),
            guesses=reading.take("CORDEE_GUESSES", _quota, Quota(30, 600)),
            rebuild_memory=reading.take("CORDEE_REBUILD_MEMORY", whole_number(192, 65536), 512)
            << 20,
            documents=reading.take("CORDEE_DOCUMENTS", list_of(path), ()),
            documents_only=reading.take("CORDEE_DOCUMENTS_ONLY", switch, default=False),
            answer_cache=reading.take("CORDEE_ANSWER_CACHE", _megabytes, 64 << 20),
            limits=dict(reading.take("CORDEE_LIMITS", list_of(_limit), ())),
            compression=reading.take("CORDEE_COMPRESSION", switch, default=True),
            public_url=reading.take("CORDEE_PUBLIC_URL", web_address, None),
            broker=_broker(reading),
            webhook_allow=reading.take("CORDEE_WEBHOOK_ALLOW", list_of(network_or_host), ()),
            webhook_patience=reading.take("CORDEE_WEBHOOK_PATIENCE", whole_number(1, 720), 72),
            metrics_host=reading.take("CORDEE_METRICS_HOST", host, "127.0.0.1"),
            metrics_port=reading.take("CORDEE_METRICS_PORT", whole_number(0, 65535), None),
            traces=exporters.exporting(environ),
            log_level=reading.take("CORDEE_LOG_LEVEL", _log_level, "info"),
        )
        problems = (*reading.problems(), *exporters.problems(environ))
        if settings.documents_only and not settings.documents:
            alone = "CORDEE_DOCUMENTS_ONLY is on: name manifests in CORDEE_DOCUMENTS as well."
            problems = (*problems, alone)
        if problems:
            raise SettingsError(*problems)
        return settings


# A reader's error completes a sentence that begins with the variable's name. The value stands in
# it unless it may be a secret.


def _default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("cordee", appauthor=False))


def _broker(reading: Reading) -> BrokerSettings | None:
    broker = BrokerSettings(
        urls=reading.take("CORDEE_NATS_URL", list_of(nats_url), ()),
        stream=reading.take("CORDEE_NATS_STREAM", stream_name, "cordee"),
        days=reading.take("CORDEE_NATS_DAYS", whole_number(1, 36_500), 90),
        size=reading.take("CORDEE_NATS_MEGABYTES", _megabytes, 0) or None,
        replicas=reading.take("CORDEE_NATS_REPLICAS", whole_number(1, 5), None),
        principal=reading.take("CORDEE_NATS_PRINCIPAL", _principal, None),
    )
    return broker if broker.urls else None


def _principal(text: str) -> Id:
    try:
        internal("principal", Id(text))
    except Refusal:
        raise ValueError(f"is {text!r}: write the id of a principal, as prn_…") from None
    return Id(text)


def _issuer(text: str) -> Issuer:
    url, _, audience = text.partition(" ")
    parts = url_parts(url)
    if parts is None or not _safe(parts) or not audience.strip() or parts.query or parts.fragment:
        raise ValueError(
            f"holds {text!r}: write the address of an issuer, a blank, and the audience of its"
            " tokens, such as https://login.example/realms/cordee cordee; several with commas"
        )
    return Issuer(url, audience.strip())


def _megabytes(text: str) -> int:
    if text.lower() == "off":
        return 0
    try:
        return whole_number(1, 65536)(text) << 20
    except ValueError as wrong:
        raise ValueError(f"{wrong}, in megabytes, or off") from None


def _limit(text: str) -> tuple[str, int]:
    from api.limits import Limits  # which takes its time, and is seldom set

    known = [limit.name for limit in fields(Limits)]
    name, _, most = text.partition("=")
    try:
        if name in known:
            return name, whole_number(1, 1_000_000)(most)
    except ValueError:
        pass
    raise ValueError(
        f"holds {text!r}: write limits with a number from 1 to 1000000, such as objects=20000,"
        f" depth=15; there are {', '.join(known)}"
    )


def _safe(parts: SplitResult) -> bool:
    """Keys that come over an open line are keys of whoever sits on it."""
    return parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}


def _quota(text: str) -> Quota | None:
    if text.lower() == "off":
        return None
    found = re.fullmatch(r"([0-9]{1,9}) ?/ ?(?:([0-9]{1,3}) )?(second|minute|hour)s?", text)
    if found is None or int(found[1]) == 0 or found[2] == "0":
        raise ValueError(
            f"is {text!r}: write so much in a time, such as 6000/minute or 30/10 minutes, or off"
        )
    return Quota(int(found[1]), int(found[2] or 1) * _SECONDS[found[3]])


def master_key_bytes(text: str) -> bytes:
    """Read a master key as it is written in the environment and in its file.

    Raises:
        ValueError: it is not 32 bytes in base64.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(
            f"is not a key: write {_KEY_BYTES} random bytes in base64,"
            f" such as `openssl rand -base64 {_KEY_BYTES}` prints"
        )
    return key


def _log_level(text: str) -> LogLevel:
    level = text.lower()
    if level not in get_args(LogLevel):
        raise ValueError(f"is {text!r}: write {', '.join(get_args(LogLevel))}")
    return cast("LogLevel", level)
