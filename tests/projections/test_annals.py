"""The versions that the rows of one aggregate had, read from what the past keeps."""

from projections.annals import read_versions
from projections.origins import Version
from projections.versions import FOREVER


def test_of_each_column_only_different_versions_are_told() -> None:
    rows = [("lev_1", 3, 5, "Rouler", 1), ("lev_1", 5, FOREVER, "Rouler", 2)]
    (found,) = read_versions(("id",), ("title", "position"), rows).values()
    assert found == {
        "title": [Version(3, "Rouler")],
        "position": [Version(3, 1), Version(5, 2)],
    }


def test_while_a_row_was_not_there_it_said_nothing() -> None:
    rows = [("HOUSING", 3, 5, "Habitat"), ("HOUSING", 9, FOREVER, "Habitat")]
    (found,) = read_versions(("theme",), ("title",), rows).values()
    assert found["title"] == [Version(3, "Habitat"), Version(5, None), Version(9, "Habitat")]


def test_rows_are_told_apart_by_what_identifies_them() -> None:
    rows = [("lev_1", "org_1", 3, FOREVER, "a"), ("lev_1", "org_2", 4, FOREVER, "b")]
    found = read_versions(("id", "organisation_id"), ("note",), rows)
    assert found.keys() == {("lev_1", "org_1"), ("lev_1", "org_2")}
