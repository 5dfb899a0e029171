"""What can be wrong with a file or a database that is to be kept, each with what to do about it."""

import errno
from pathlib import Path
from typing import Final


class KeepingError(Exception):
    """A backup, a restore, an export or an import cannot be done; nothing of it was left behind."""


class FileTaken(KeepingError):
    """A file would be written over."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there already: name another file, or say --force to write over it."
        )


class Unwritable(KeepingError):
    """A file cannot be opened or written."""

    NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
    """What the system says while it writes, and no network does."""

    def __init__(self, path: Path, error: OSError, then: str) -> None:
        super().__init__(f"{path} cannot be written ({error.strerror}). {then}")


class NotABackup(KeepingError):
    """The file is something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no backup of cordée: name a file that `cordee backup` wrote.")


class NewerBackup(KeepingError):
    """The backup was written by code that knows more than this."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} was written by a newer cordée ({what}): restore it with that.")


class OtherBackup(KeepingError):
    """The backup is one of keys where one of events is wanted, or the other way round."""

    def __init__(self, path: Path, *, found: str, wanted: str) -> None:
        super().__init__(
            f"{path} is a backup of {found}, not of {wanted}: `cordee restore EVENTS --keys KEYS`"
            " takes each in its place."
        )


class DamagedBackup(KeepingError):
    """A backup is not as it was written."""

    def __init__(self, path: Path, offset: int, problem: str) -> None:
        super().__init__(
            f"{path} is damaged at byte {offset}: {problem}. Nothing was restored: take another"
            " copy of it."
        )
        self.offset = offset
        """Where the piece begins that is not as it was written, in bytes."""


class TruncatedBackup(DamagedBackup):
    """A backup ends too early."""

    def __init__(self, path: Path, offset: int) -> None:
        super().__init__(path, offset, "the file ends there, before its end was written")


class ForeignKeys(KeepingError):
    """Keys and events come from two logs."""

    def __init__(self, events: Path, keys: Path) -> None:
        super().__init__(
            f"{keys} holds the keys of another log than that of {events}: name the keys that were"
            " backed up with it."
        )


class OtherMasterKey(KeepingError):
    """The keys of the backup cannot be opened here."""

    def __init__(self, keys: Path, source: str) -> None:
        super().__init__(
            f"{keys} holds keys that another master key wraps than that of {source}: give the"
            " master key with which they were backed up."
        )


class NotEmpty(KeepingError):
    """A restore would mix two logs."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"This database is not empty ({found}): restore into a new one, by another"
            " CORDEE_DATA_DIR or DATABASE_URL."
        )


class ServerRunning(KeepingError):
    """A server would go on with keys that are replaced under it."""

    def __init__(self) -> None:
        super().__init__("A server runs on this database: stop it, restore, and start it again.")


class Unproven(KeepingError):
    """What is in the database after a restore is not what the backup says."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} was not restored: {problem}. The database is as it was.")


class LogBroken(KeepingError):
    """The log itself lacks something: a copy of it could never be proved."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"This log cannot be copied, for {problem}. `cordee migrate` brings an older one up,"
            " `cordee check` tells what is wrong with it."
        )


class BrokenLine(KeepingError):
    """A line of events cannot be taken in; nothing of its batch was."""

    def __init__(self, name: str, line: int, position: int | None, problem: str) -> None:
        at = "" if position is None else f" (position {position})"
        super().__init__(f"{name}, line {line}{at}: {problem}.")
        self.line = line
        self.position = position


class ExportElsewhere(KeepingError):
    """What an interrupted export left is not the beginning of the one that is asked for."""

    def __init__(self, part: Path, problem: str) -> None:
        super().__init__(f"{part} cannot be taken up again ({problem}): remove it.")
