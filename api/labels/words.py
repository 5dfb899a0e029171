"""Words for one thing, in each language of the interface."""

from typing import NamedTuple

from domain.refusal import Language


class Words(NamedTuple):
    """What people call something."""

    fr: str
    en: str

    def of(self, language: Language) -> str:
        """Give them in a language."""
        return self.fr if language == "fr" else self.en
