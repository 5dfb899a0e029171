"""Personal data inside events: a text that belongs to a person, and can be forgotten."""

from uuid import UUID


class Personal:
    """A text about one person. The store encrypts it under that person's own key.

    ``text`` is None once the person was forgotten and the key destroyed. The text never
    shows in a representation, so that it reaches no log and no traceback.
    """

    __slots__ = ("subject", "text")

    def __init__(self, subject: UUID, text: str | None) -> None:
        self.subject = subject
        self.text = text

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Personal)
            and other.subject == self.subject
            and other.text == self.text
        )

    def __hash__(self) -> int:
        return hash((self.subject, self.text))

    def __repr__(self) -> str:
        return f"Personal({self.subject})"
