"""A report as a PDF: tagged for all readers (PDF/UA-1), to be kept, with its proof (PDF/A-3a).

Typst sets it, with fonts that it brings along, so that it looks alike wherever it is made. It keeps
what it has worked out for the next documents, some 100 MB for a long one: whoever prints many lets
`python -m infra.report.pdf` print each, from the edition as JSON on its input. So nothing is
imported here but what that needs.
"""

import json
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import typst

_HERE: Final = Path(__file__).parent


def pdf(edition: bytes) -> bytes:
    """Print an edition, which is given as JSON. The same one gives the same bytes."""
    year, month, day = json.loads(edition)["day"]
    printed = _compiler().compile(
        format="pdf",
        sys_inputs={"report": edition.decode()},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=datetime(year, month, day, tzinfo=UTC),
    )
    assert isinstance(printed, bytes), "a PDF is one file"
    return printed


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False)
    return typst.Compiler(_HERE / "report.typ", root=_HERE, font_paths=fonts)


if __name__ == "__main__":
    sys.stdout.buffer.write(pdf(sys.stdin.buffer.read()))
