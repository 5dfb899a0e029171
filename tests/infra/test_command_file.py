"""Files of commands: carried out once and whole, or refused with every error by its line."""

import json
from pathlib import Path

import pytest

from api.ports import Caller
from domain.identity import external, internal
from domain.principal import Principal
from infra.command_bus import CommandBus
from infra.command_file import DEMO, BrokenFile, Names, carry_out, read
from infra.identity.built_in import NAME
from infra.store import EventStore

LOADER = Caller(actor="loader", language="en", trusted=True)
GOOD = '{"do": "RegisterOrganisation", "as": "atmo", "name": "Atmo", "kind": "ASSOCIATION"}'


def nothing(done: int, total: int) -> None:
    """Whoever does not watch."""


def written(folder: Path, *lines: str) -> Path:
    path = folder / "commands.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def problems(path: Path) -> dict[int, str]:
    with pytest.raises(BrokenFile) as broken:
        read(path)
    return {problem.line: problem.text for problem in broken.value.problems}


async def test_the_demo_is_carried_out_whole_and_only_once(
    bus: CommandBus, store: EventStore
) -> None:
    async def tell() -> list[int]:
        names: Names = {}
        return [await carry_out(story, bus, LOADER, nothing, names) for story in DEMO]

    assert all(await tell())
    head = await store.head()
    assert max(await tell()) == 0
    assert await store.head() == head


async def test_a_file_may_speak_of_what_an_earlier_one_created(
    bus: CommandBus, tmp_path: Path
) -> None:
    names: Names = {}
    await carry_out(written(tmp_path, GOOD), bus, LOADER, nothing, names)
    joining = written(tmp_path, '{"do": "JoinNetwork", "organisation": "@atmo", "network": "A"}')
    assert await carry_out(joining, bus, LOADER, nothing, names) == 1
    assert "no line further up creates @atmo" in problems(joining)[1]


async def test_what_a_persona_gives_is_noted_as_theirs(bus: CommandBus, store: EventStore) -> None:
    names: Names = {}
    for story in DEMO:
        await carry_out(story, bus, LOADER, nothing, names)
    told = [
        json.loads(event.meta)
        for event in await store.stream(internal("roadmap", names["feuille"]))
    ]

    revisions = [each for each in told if each["command"] == "OpenRevision"]
    president = external("principal", Principal.id_of(NAME, "president-vannes"))
    assert [each["actor"] for each in revisions] == [president, president]
    assert [each["effective_on"] for each in revisions] == ["2024-11-18", "2025-09-22"]


async def test_a_persona_may_no_more_in_a_file_than_elsewhere(
    bus: CommandBus, store: EventStore, tmp_path: Path
) -> None:
    renaming = '{"do": "RenameOrganisation", "by": "zoe", "organisation": "@atmo", "name": "Air"}'
    with pytest.raises(BrokenFile) as broken:
        await carry_out(written(tmp_path, GOOD, renaming), bus, LOADER, nothing)
    assert [problem.line for problem in broken.value.problems] == [2]
    assert await store.head() == 0
    assert "names a persona" in problems(written(tmp_path, GOOD[:-1] + ', "by": 7}'))[1]


async def test_an_interrupted_file_goes_on_where_it_stopped(
    bus: CommandBus, store: EventStore, tmp_path: Path
) -> None:
    rest = '{"do": "JoinNetwork", "organisation": "@atmo", "network": "AASQA"}'
    await carry_out(written(tmp_path, GOOD), bus, LOADER, nothing)
    assert await carry_out(written(tmp_path, GOOD, rest), bus, LOADER, nothing) == 1
    assert await store.head() == 2


async def test_progress_is_told_line_by_line(bus: CommandBus, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    other = GOOD.replace("atmo", "air").replace("Atmo", "Air")
    await carry_out(
        written(tmp_path, GOOD, "", "# a remark", other),
        bus,
        LOADER,
        lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 2), (2, 2)]


async def test_one_refused_line_keeps_the_whole_file_out(
    bus: CommandBus, store: EventStore, tmp_path: Path
) -> None:
    blank = '{"do": "RenameOrganisation", "organisation": "@atmo", "name": " "}'
    siren = '{"do": "RegisterOrganisation", "name": "X", "kind": "UNION", "siren": "123"}'

    with pytest.raises(BrokenFile) as broken:
        await carry_out(written(tmp_path, GOOD, blank, siren), bus, LOADER, nothing)

    assert [problem.line for problem in broken.value.problems] == [2, 3]
    assert await store.head() == 0


def test_every_error_is_listed_with_its_line(tmp_path: Path) -> None:
    found = problems(
        written(
            tmp_path,
            GOOD,
            "{",
            "[]",
            '{"do": "Unheard"}',
            '{"do": "JoinNetwork", "organisation": "@nobody", "network": "AASQA"}',
            '{"do": "JoinNetwork", "organisation": "@atmo", "networt": "AASQA"}',
            '{"do": "JoinNetwork", "organisation": "@atmo"}',
            '{"do": "RegisterOrganisation", "name": "B", "kind": "CLUB"}',
            '{"do": "RegisterOrganisation", "as": "atmo", "name": "C", "kind": "UNION"}',
            '{"do": "JoinNetwork", "as": "x", "organisation": "@atmo", "network": "N"}',
            GOOD,
        )
    )
    assert list(found) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert "not JSON" in found[2]
    assert "write an object" in found[3]
    assert "names no command" in found[4]
    assert "no line further up creates @nobody" in found[5]
    assert "networt is no field of JoinNetwork" in found[6]
    assert "network" in found[7]
    assert "CLUB" in found[8]
    assert "needs a name that no other line has" in found[9]
    assert "creates nothing" in found[10]
    assert "same line stands further up" in found[11]


def test_a_wrong_field_inside_a_value_is_named_with_its_path(tmp_path: Path) -> None:
    opening = '{"do": "OpenCohort", "as": "c", "name": "C", "territories": ["FR"]}'
    delegation = (
        '{"do": "SetDelegation", "cohort": "@c", "organisation": "@atmo",'
        ' "delegates": [{"role": "LEADER", "fonction": "directrice"}]}'
    )
    found = problems(written(tmp_path, GOOD, opening, delegation))
    assert "delegates.fonction is no field of DelegateEntry" in found[3]


def test_what_only_its_owner_may_know_is_named_by_no_file(tmp_path: Path) -> None:
    registering = (
        f'{{"do": "RegisterForWorkshop", "as": "awa", "workshop": "wks_{"0" * 32}",'
        ' "name": "Awa", "email": "awa@exemple.fr"}'
    )
    found = problems(written(tmp_path, registering))
    assert "is known to nobody before" in found[1]


def test_a_file_that_is_not_utf_8_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_bytes(GOOD.encode() + b"\n# caf\xe9")
    assert problems(path) == {2: "this is not UTF-8; save it as UTF-8."}


async def test_what_is_sent_along_is_rehearsed_too(
    bus: CommandBus, store: EventStore, tmp_path: Path
) -> None:
    stranger = f"org_{'0' * 32}"
    renaming = '{"do": "RenameOrganisation", "organisation": "@atmo", "name": "Air"'
    lines = (
        GOOD,
        f'{renaming}, "expected_version": 9}}',
        f'{renaming}, "on_behalf_of": "{stranger}"}}',
        f'{renaming}, "effective_on": "0001-01-01"}}',
    )

    with pytest.raises(BrokenFile) as broken:
        await carry_out(written(tmp_path, *lines), bus, LOADER, nothing)

    assert [problem.line for problem in broken.value.problems] == [2, 3, 4]
    assert await store.head() == 0


async def test_a_line_that_means_something_else_is_another_command(
    bus: CommandBus, store: EventStore, tmp_path: Path
) -> None:
    joining = '{"do": "JoinNetwork", "organisation": "@atmo", "network": "AASQA"}'
    await carry_out(written(tmp_path, GOOD, joining), bus, LOADER, nothing)

    corrected = GOOD.replace("Atmo", "Atmo Normandie")
    assert await carry_out(written(tmp_path, corrected, joining), bus, LOADER, nothing) == 2
    assert await store.head() == 4


def test_a_separator_of_lines_inside_a_text_does_not_part_the_line(tmp_path: Path) -> None:
    with_separator = GOOD.replace("Atmo", "At\u2028mo")
    assert list(problems(written(tmp_path, with_separator, "{"))) == [2]


def test_a_byte_order_mark_and_the_ends_of_lines_of_windows_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n\r\n")
    assert len(read(path)) == 1


def test_what_is_no_command_at_all_is_refused_in_words(tmp_path: Path) -> None:
    found = problems(written(tmp_path, '{"do": ["x"]}', "[" * 100_000))
    assert "names no command" in found[1]
    assert "nested too deeply" in found[2]


async def test_the_id_of_a_command_does_not_tell_whom_it_names(
    bus: CommandBus, store: EventStore, tmp_path: Path
) -> None:
    designated = json.dumps(
        {"do": "DesignateContact", "organisation": "@atmo", "function": "Direction", "name": "Zoé"}
    )
    path = written(tmp_path, GOOD, designated)
    await carry_out(path, bus, LOADER, nothing)
    registered, named = [line.command.command_id for line in read(path)]
    assert registered is not None
    assert named is not None
    assert await store.outcome_of(registered) is not None
    assert await store.outcome_of(named) is None
    assert await carry_out(path, bus, LOADER, nothing) == 0


def test_the_id_of_a_command_does_not_tell_in_which_order_footprints_were_given(
    tmp_path: Path,
) -> None:
    def tonnes(food: str) -> dict[str, str]:
        rest = dict.fromkeys(("housing", "mobility", "goods", "public_services"), "1")
        return {"food": food, **rest}

    given = [{"before": tonnes(f"{food}"), "in_2050": tonnes("0")} for food in range(10)]
    ids = []
    for footprints in (given, given[::-1]):
        line = {
            "do": "RecordFootprints",
            "workshop": "wks_00000000000000000000000000000007",
            "method": "TWO_TONNES",
            "method_version": "2025",
            "footprints": footprints,
        }
        (read_line,) = read(written(tmp_path, json.dumps(line)))
        ids.append(read_line.command.command_id)
    assert ids[0] == ids[1]
