"""The language of refusals follows Accept-Language."""

import pytest

from api.language import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,fr;q=0.9", "en"),
        ("fr;q=0.5, en;q=0.7", "en"),
        ("de, fr;q=0.2", "fr"),
        ("*", "en"),
        ("FR", "fr"),
        ("fr;q=nonsense", "en"),
        ("fr;q=0", "en"),
        (";;;,,,", "en"),
    ],
)
def test_french_is_spoken_where_it_ranks_before_english(header: str, language: str) -> None:
    assert preferred(header) == language
