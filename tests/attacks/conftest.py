"""One town for all attacks."""

from collections.abc import Iterator

import pytest

from tests.attacks.town import Town
from tests.conftest import Databases
from tests.scratch import scratch


@pytest.fixture(scope="session")
def town(databases: Databases) -> Iterator[Town]:
    """The town; what attacks do to it, others find done. It lets many things be asked at once."""
    with scratch("cordee-") as folder, databases.copy(Databases.PREPARED) as dsn:
        town = Town(dsn, folder)
        yield town
        town.close()
