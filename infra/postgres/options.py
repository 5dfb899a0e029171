"""What PostgreSQL is told on its command line, where no old file can contradict it."""

import contextlib
import os
from pathlib import Path
from typing import Final

PORT: Final = 5432

_SPEED_WITHOUT_SAFETY: Final = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


def options(sockets: Path, *, durable: bool) -> dict[str, str]:
    """Give the parameters by name, sized to the memory of this machine.

    Args:
        sockets: the folder of its unix socket, the only way in.
        durable: False for data that may be lost in a crash.
    """
    megabytes = _memory() >> 20
    chosen = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "shared_buffers": f"{min(512, max(32, megabytes // 8))}MB",
        "effective_cache_size": f"{max(128, megabytes // 2)}MB",
        "random_page_cost": "1.1",
        # A compiled read takes about a millisecond; turning it into machine code takes fifty.
        "jit": "off",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        # What is behind a checkpoint is removed: the log of writes forgets people, too.
        "wal_recycle": "off",
        "shared_preload_libraries": "pg_stat_statements",
        # No parameter's value ever reaches the log: it may be somebody's name.
        "log_parameter_max_length": "0",
        # Nor do the details of an error, which quote whole rows.
        "log_error_verbosity": "terse",
    }
    return chosen if durable else chosen | _SPEED_WITHOUT_SAFETY


def _memory() -> int:
    """Give the bytes of memory of this machine, or of this container where that is less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text("ascii")))
    return total
