"""The operating system's account that the embedded PostgreSQL runs under.

PostgreSQL refuses to run as root. Started by root it runs as a system account of its own, which
then has to get through to its program and its data: through folders such as /root, which nobody
else may even enter.
"""

import contextlib
import errno
import os
import pwd
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_NAME: Final = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class PostgresAccount:
    """An account with no password, no group of anybody's and no rights but to its own files."""

    uid: int
    gid: int

    @classmethod
    def needed(cls) -> Self | None:
        """Give the account to change to, made when it is not there yet, or None for our own.

        Raises:
            OSError: this system has no `useradd`, or it refused.
        """
        if os.geteuid() != 0:
            return None
        try:
            entry = pwd.getpwnam(_NAME)
        except KeyError:
            _make_account()
            entry = pwd.getpwnam(_NAME)
        return cls(entry.pw_uid, entry.pw_gid)

    def give(self, path: Path) -> None:
        """Make the account the owner of `path`."""
        os.chown(path, self.uid, self.gid)

    def let_through_to(self, path: Path) -> None:
        """Let the account, and no other, pass through the folders above `path`."""
        for folder in path.resolve().parents:
            if not folder.stat().st_mode & stat.S_IXOTH:
                _let_pass(folder, self.uid)

    def let_run(self, part: Path) -> None:
        """Let the account run what lies in a part of an installation that a strict umask closed."""
        for path in (part, *part.rglob("*")):
            mode = path.stat().st_mode
            rights = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode & rights != rights:
                path.chmod(mode | rights)


def _make_account() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false"]
    made = subprocess.run([*command, _NAME], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise OSError(errno.EPERM, made.stderr.strip())


# A POSIX access list as Linux keeps it: a version, then entries of tag, rights and id in the order
# of their tags. See acl(5) and linux/posix_acl_xattr.h.
_ACCESS_LIST: Final = "system.posix_acl_access"
_VERSION: Final = struct.Struct("<I")
_ENTRY: Final = struct.Struct("<HHI")
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY: Final = 0xFFFFFFFF
_PASS: Final = 0x1


def _let_pass(folder: Path, uid: int) -> None:
    """Add one right for one account; where there are no access lists, open the way, unlistable."""
    try:
        entries = _entries(folder)
        entries[_USER, uid] = entries.get((_USER, uid), 0) | _PASS
        entries[_MASK, _NOBODY] = entries.get((_MASK, _NOBODY), entries[_GROUP, _NOBODY]) | _PASS
        packed = (_ENTRY.pack(tag, rights, who) for (tag, who), rights in sorted(entries.items()))
        os.setxattr(folder, _ACCESS_LIST, _VERSION.pack(2) + b"".join(packed))
    except (AttributeError, OSError) as unsupported:
        # AttributeError: Python has these functions on Linux alone.
        if getattr(unsupported, "errno", errno.ENOTSUP) != errno.ENOTSUP:
            raise
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)


def _entries(folder: Path) -> dict[tuple[int, int], int]:
    """Read the access list of a folder, made up from its mode when it has none."""
    with contextlib.suppress(OSError):
        packed = os.getxattr(folder, _ACCESS_LIST)
        return {
            (tag, who): rights for tag, rights, who in _ENTRY.iter_unpack(packed[_VERSION.size :])
        }
    mode = folder.stat().st_mode
    return {
        (_OWNER, _NOBODY): mode >> 6 & 7,
        (_GROUP, _NOBODY): mode >> 3 & 7,
        (_OTHER, _NOBODY): mode & 7,
    }
