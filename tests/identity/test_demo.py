"""The demo has somebody for each role, who is found by words for the role and for the place."""

from pathlib import Path

import pytest

from domain.role import Role, ScopeKind
from infra.identity.built_in import FILE_NAME
from infra.identity.demo import Demo, NoSuchPersona, NoSuchRole, role_named
from infra.settings import SettingsError


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo.open(tmp_path_factory.mktemp("demo"))


def test_there_is_somebody_for_each_role_that_can_be_granted(demo: Demo) -> None:
    assert {part.role for part in demo.parts} == {role for role in Role if role.held_at} - {
        Role.PUBLIC
    }


def test_each_place_has_a_name(demo: Demo) -> None:
    unnamed = {part.subject for part in demo.parts if not part.place.name}
    assert unnamed == {"exploitante", "auditrice"}
    assert not any(part.place.name.startswith(("coh_", "org_", "net_")) for part in demo.parts)


@pytest.mark.parametrize(
    ("who", "place", "kind", "subject"),
    [
        ("coordinator", "CEC Ouest", ScopeKind.COHORT, "coordinatrice-ouest"),
        ("coordinatrice", "ouest", ScopeKind.COHORT, "coordinatrice-ouest"),
        ("COHORT_COORDINATOR", "normandie", None, "coordinateur-normandie"),
        ("alliance coordinator", "cop", None, "coordinatrice-cop"),
        ("Dirigeante d’organisation", "Atmo Normandie", None, "directrice-atmo-normandie"),
        ("pilote de thématique", "Clermont", ScopeKind.ALLIANCE, "pilote-biodiversite-clermont"),
        ("operator", None, None, "exploitante"),
        ("auditeur", None, None, "auditrice"),
        ("planet champion", None, None, "planet-champion-vannes"),
        ("administrator", "region:28", ScopeKind.TERRITORY, "administratrice-normandie"),
        ("partner network", "AASQA", ScopeKind.NETWORK, "reseau-aasqa"),
        ("pilote-ftj", None, None, "pilote-ftj"),
    ],
)
def test_somebody_is_found_by_words(
    demo: Demo, who: str, place: str | None, kind: ScopeKind | None, subject: str
) -> None:
    assert demo.find(who, place, kind) == subject


@pytest.mark.parametrize("who", ["coordinator", "baker", "", "public"])
def test_those_who_come_near_are_named(demo: Demo, who: str) -> None:
    with pytest.raises(NoSuchPersona) as told:
        demo.find(who)
    assert "coordinatrice-ouest" in str(told.value)


def test_a_place_is_found_by_its_id(demo: Demo) -> None:
    for part in demo.parts:
        if part.place.id:
            assert demo.find(part.role.en, part.place.id)


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("operator", Role.PLATFORM_OPERATOR),
        ("auditrice", Role.AUDITOR),
        ("Planet Champion", Role.PLANET_CHAMPION),
        ("THEME_PILOT", Role.THEME_PILOT),
        ("dirigeante d’organisation", Role.ORGANISATION_LEADER),
    ],
)
def test_a_role_is_known_by_its_words(words: str, role: Role) -> None:
    assert role_named(words) is role


@pytest.mark.parametrize("words", ["coordinator", "pilot", "public", "baker", ""])
def test_words_for_several_roles_or_none_are_told_so(words: str) -> None:
    with pytest.raises(NoSuchRole):
        role_named(words)


def test_the_issuers_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first, again = Demo.open(data), Demo.open(data)
    key = data / FILE_NAME
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data.iterdir()] == [FILE_NAME]
    assert first.issuer.key_id == again.issuer.key_id
    key.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        Demo.open(data)
    key.chmod(0o600)
    key.write_text("damaged")
    with pytest.raises(SettingsError, match="damaged"):
        Demo.open(data)
