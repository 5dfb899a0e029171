"""A database and its master key belong together, and a start with another one is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.master_key import FILE_NAME, master_key_of
from infra.settings import Settings, SettingsError


def settings(folder: Path) -> Settings:
    return Settings.from_environment({"CORDEE_DATA_DIR": str(folder)})


async def test_the_first_start_makes_a_key_and_the_next_one_finds_it(
    database: str, tmp_path: Path
) -> None:
    first = await master_key_of(settings(tmp_path), database)
    assert await master_key_of(settings(tmp_path), database) == first


async def test_a_database_whose_key_is_gone_gets_no_new_one(database: str, tmp_path: Path) -> None:
    await master_key_of(settings(tmp_path), database)
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(SettingsError, match="put the file back"):
        await master_key_of(settings(tmp_path), database)
    assert not (tmp_path / FILE_NAME).exists()


async def test_another_key_is_refused_and_never_printed(database: str, tmp_path: Path) -> None:
    await master_key_of(settings(tmp_path), database)
    other = replace(settings(tmp_path), master_key=b"k" * 32)
    with pytest.raises(SettingsError, match="another master key than that of CORDEE") as refused:
        await master_key_of(other, database)
    assert "kkk" not in str(refused.value)
