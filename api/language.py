"""The language in which a caller reads refusals."""

from domain.refusal import Language


def preferred(accept_language: str) -> Language:
    """Choose French where `Accept-Language` ranks it before English, else English."""
    ranks = {"fr": 0.0, "en": 0.0}
    for choice in accept_language.split(","):
        tag, _, parameter = choice.strip().lower().partition(";")
        language = tag.strip().partition("-")[0]
        if language in ranks:
            ranks[language] = max(ranks[language], _quality(parameter))
    return "fr" if ranks["fr"] > ranks["en"] else "en"


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
