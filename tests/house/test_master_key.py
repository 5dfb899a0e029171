"""The key that wraps each person's key, where the environment gives none."""

import base64
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from infra.keys.master_key import (
    FILE_NAME,
    drop_previous_file,
    open_master_key,
    previous_master_key,
    replace_file,
)
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

    with pytest.raises(SettingsError, match="is damaged: put it back from its backup"):
        open_master_key(settings(tmp_path))
    assert file.read_text() == "c2hvcnQ=\n"


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, ordinary: AbstractContextManager[None]
) -> None:
    tmp_path.chmod(0o555)

    with ordinary, pytest.raises(SettingsError, match="set CORDEE_DATA_DIR to a folder that you"):
        open_master_key(settings(tmp_path / "closed"))


# a program that prints it


def program(folder: Path, script: str) -> dict[str, str]:
    """Settings by which a shell prints the key."""
    file = folder / "key"
    file.write_text(script)
    return {"CORDEE_MASTER_KEY_COMMAND": f"sh '{file}'"}


def test_a_program_may_print_the_key(tmp_path: Path) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    printing = settings(tmp_path / "data", **program(tmp_path, f"echo {key}\n"))

    assert open_master_key(printing) == b"k" * 32
    assert not (tmp_path / "data").exists()
    assert key not in repr(printing)


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo c2VjcmV0", "printed something else than 32 bytes in base64"),
        ("echo c2VjcmV0 >&2; exit 3", "ended with the status 3"),
        ("exec sleep 60", "printed no key within 0 s"),
    ],
)
def test_what_a_program_says_is_repeated_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, problem: str
) -> None:
    monkeypatch.setattr("infra.keys.master_key._PATIENCE", 0.3)

    with pytest.raises(SettingsError, match=problem) as refused:
        open_master_key(settings(tmp_path, **program(tmp_path, script)))
    assert "c2VjcmV0" not in "".join(traceback.format_exception(refused.value))


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be run"):
        open_master_key(settings(tmp_path, CORDEE_MASTER_KEY_COMMAND="/no/such/program"))


def test_the_environments_key_comes_before_that_of_a_program(tmp_path: Path) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    never = {"CORDEE_MASTER_KEY_COMMAND": "/no/such/program"}
    assert open_master_key(settings(tmp_path, CORDEE_MASTER_KEY=key, **never)) == b"k" * 32


# its replacement


def test_a_new_key_is_made_beside_the_one_before(tmp_path: Path) -> None:
    before = open_master_key(settings(tmp_path))
    assert previous_master_key(settings(tmp_path)) is None

    replace_file(settings(tmp_path))

    assert previous_master_key(settings(tmp_path)) == before
    assert open_master_key(settings(tmp_path)) != before
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_second_replacement_waits_for_the_first(tmp_path: Path) -> None:
    open_master_key(settings(tmp_path))
    replace_file(settings(tmp_path))
    with pytest.raises(SettingsError, match="finish with `cordee master-key rotate`"):
        replace_file(settings(tmp_path))

    drop_previous_file(settings(tmp_path))
    replace_file(settings(tmp_path))


def test_a_key_of_the_environment_is_replaced_there(tmp_path: Path) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    with pytest.raises(SettingsError, match="that of CORDEE_MASTER_KEY: set a new one there"):
        replace_file(settings(tmp_path, CORDEE_MASTER_KEY=key))
