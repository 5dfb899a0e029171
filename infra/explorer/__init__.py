"""The explorer's sources, and how its pages are built from them."""

from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PAGES: Final = HERE / "pages"
"""Where the built pages are: not in the repository, but in what is installed."""


def built() -> Path | None:
    """Give the folder of the pages; None where they were not built."""
    return PAGES if (PAGES / "index.html").is_file() else None
