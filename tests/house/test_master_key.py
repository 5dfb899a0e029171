"""The key that wraps each person's key, where the environment gives none."""

import base64
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from infra.master_key import FILE_NAME, open_master_key
from infra.settings import Settings, SettingsError


def settings(data: Path, **environ: str) -> Settings:
    return Settings.from_environment({"CORDEE_DATA_DIR": str(data)} | environ)


def test_the_first_start_makes_a_key_that_the_second_finds(tmp_path: Path) -> None:
    first = open_master_key(settings(tmp_path / "new"))

    assert len(first) == 32
    assert open_master_key(settings(tmp_path / "new")) == first
    assert [file.name for file in (tmp_path / "new").iterdir()] == [FILE_NAME]


def test_the_file_is_open_to_nobody_else(tmp_path: Path) -> None:
    open_master_key(settings(tmp_path))

    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: open_master_key(settings(tmp_path)), range(64)))

    assert len(keys) == 1


def test_the_environments_key_comes_first_and_makes_no_file(tmp_path: Path) -> None:
    key = base64.b64encode(b"k" * 32).decode()

    assert open_master_key(settings(tmp_path, CORDEE_MASTER_KEY=key)) == b"k" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_master_key(settings(tmp_path))
    (tmp_path / FILE_NAME).chmod(0o644)

    with pytest.raises(SettingsError, match=r"open to other accounts: run `chmod 600 "):
        open_master_key(settings(tmp_path))


def test_a_cut_key_is_refused_and_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_text("c2hvcnQ=\n")
    file.chmod(0o600)

    with pytest.raises(SettingsError, match="is not a key"):
        open_master_key(settings(tmp_path))
    assert file.read_text() == "c2hvcnQ=\n"


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, ordinary: AbstractContextManager[None]
) -> None:
    tmp_path.chmod(0o555)

    with ordinary, pytest.raises(SettingsError, match="set CORDEE_DATA_DIR to a folder that you"):
        open_master_key(settings(tmp_path / "closed"))
