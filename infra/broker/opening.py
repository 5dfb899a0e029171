"""Opening what speaks with the broker; its client is imported where there is a broker."""

from typing import TYPE_CHECKING

from api.ports import Feed, Positions, Reads
from api.publication.search import Reader
from infra.broker import subjects
from infra.settings import Settings
from projections.guard import Eyes

if TYPE_CHECKING:
    from infra.broker.herald import Herald
    from infra.broker.relay import Relay


def herald_of(settings: Settings, secret: bytes) -> "Herald | None":
    """Give what tells other processes how far the log is; ``secret`` is one of the database."""
    broker = settings.broker
    if broker is None:
        return None
    from infra.broker.herald import Herald

    return Herald(broker.urls, subjects.head(broker.stream), secret)


def relay_of(
    dsn: str, settings: Settings, feed: Feed, positions: Positions, reads: Reads
) -> "Relay":
    """Begin to relay to the broker of the settings what may be heard by those whom they name."""
    from infra.broker.relay import Relay

    broker = settings.broker
    assert broker is not None, "there is a broker to relay to"
    base = settings.public_url or f"http://{settings.host}:{settings.port}/"
    return Relay(dsn, broker, feed, Reader(Eyes(broker.principal), positions, reads, base))
