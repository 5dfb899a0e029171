"""The interface as it was released: what clients were promised, and may rely on.

``python -m tests.golden.interface``, with a release and never before, writes it anew.
"""

from pathlib import Path
from typing import Final

from graphql import Node, Visitor, parse, print_ast, visit

from api.schema import SDL

RELEASED: Final = Path(__file__).with_name("schema.graphql")


class _Wordless(Visitor):
    """Takes the descriptions away, which may be improved at any time."""

    def enter(self, node: Node, *_rest: object) -> None:
        """Leave a part of the interface undescribed."""
        if "description" in node.keys:
            vars(node)["description"] = None


def promised(sdl: str) -> str:
    """Give what an interface promises: all of it but its descriptions."""
    document = parse(sdl, no_location=True)
    visit(document, _Wordless())
    return print_ast(document) + "\n"


if __name__ == "__main__":
    RELEASED.write_text(promised(SDL.read_text(encoding="utf-8")), encoding="utf-8")
