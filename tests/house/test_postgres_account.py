"""Started by root, the server runs under an account of its own that gets no more than it needs."""

import os
import subprocess
from pathlib import Path

import psutil
import pytest

from infra.postgres import EmbeddedPostgres
from infra.postgres.account import PostgresAccount

_NOBODY = 65534


def reads(uid: int, file: Path) -> bool:
    command = ["cat", str(file)]
    return (
        subprocess.run(
            command, user=uid, group=uid, extra_groups=[], capture_output=True, check=False
        ).returncode
        == 0
    )


@pytest.fixture
def account() -> PostgresAccount:
    """The account that root's server gets."""
    account = PostgresAccount.needed()
    if account is None:
        pytest.skip("only root starts a server under another account")
    return account


@pytest.fixture
def closed(folder: Path) -> Path:
    """A file that all may read, at the end of a way that is open to its owner alone."""
    way = folder.parent / "home" / "deeper"
    way.mkdir(parents=True)
    way.parent.chmod(0o700)
    file = way / "file"
    file.write_text("here")
    file.chmod(0o644)
    return file


def test_an_ordinary_user_needs_no_other_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert PostgresAccount.needed() is None


def test_the_account_passes_and_no_other(account: PostgresAccount, closed: Path) -> None:
    assert not reads(account.uid, closed)

    account.let_through_to(closed)
    account.let_through_to(closed)

    assert reads(account.uid, closed)
    assert not reads(_NOBODY, closed)


def test_the_account_passes_without_seeing_what_else_is_there(
    account: PostgresAccount, closed: Path
) -> None:
    account.let_through_to(closed)

    way = closed.parent.parent
    listed = subprocess.run(
        ["ls", str(way)], user=account.uid, group=account.gid, extra_groups=[], check=False
    )
    assert listed.returncode != 0
    assert way.stat().st_mode & 0o007 == 0


def test_where_there_are_no_access_lists_the_way_is_opened_unlistable(
    account: PostgresAccount, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "setxattr")

    account.let_through_to(closed)

    assert reads(account.uid, closed)
    assert closed.parent.parent.stat().st_mode & 0o777 == 0o701


def test_programs_that_a_strict_umask_closed_can_be_run(
    account: PostgresAccount, folder: Path
) -> None:
    program = folder / "bin" / "program"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    for above in (folder, program.parent):
        above.chmod(0o700)

    account.let_run(folder)
    account.let_through_to(folder)

    assert program.stat().st_mode & 0o777 == 0o705
    assert reads(account.uid, program)


async def test_the_server_is_not_root_and_has_none_of_its_groups(
    account: PostgresAccount, folder: Path
) -> None:
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        server = psutil.Process(postgres.pid)
        status = Path(f"/proc/{postgres.pid}/status").read_text()

        assert server.uids() == (account.uid,) * 3
        assert server.gids() == (account.gid,) * 3
        assert "Groups:\t \n" in status
