"""What a caller is told when a command is not accepted."""

import re
from typing import Any, ClassVar, Literal

Language = Literal["fr", "en"]


class Refusal(Exception):
    """An unwelcome command, answered with a reason and no effect.

    The docstring of a subclass is its English message, ``FRENCH`` its French one; both are
    templates over ``facts``. ``code`` is the contract with callers: it follows the class name.
    """

    FRENCH: ClassVar[str]
    code: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        words = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
        cls.code = re.sub(words, "_", cls.__name__).upper()
        if not cls.__doc__ or not getattr(cls, "FRENCH", ""):
            raise TypeError(f"{cls.__name__} needs a docstring and a FRENCH message")

    def __init__(self, path: str | None = None, **facts: Any) -> None:
        """``path`` names the field of the command that is to blame, dotted when it is nested."""
        self.path = path
        self.facts = facts
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """Give the message in ``language``."""
        template = self.FRENCH if language == "fr" else self.__doc__
        assert template is not None
        return " ".join(template.split()).format(**self.facts)


class NotFound(Refusal):
    """There is no {noun} with the id {id}. Check the id, or whether it was ever created."""

    FRENCH = "Aucun élément « {noun} » ne porte l’identifiant {id}. Vérifiez l’identifiant."


class NotSignedIn(Refusal):
    """This is not for everybody, and it is not known who you are. Sign in, then send it again."""

    FRENCH = "Ceci n’est pas ouvert à tous, et l’on ne sait pas qui vous êtes. Identifiez-vous."


class Forbidden(Refusal):
    """No role that you hold covers this. It takes, in the right place: {roles}."""

    FRENCH = "Aucun de vos rôles ne permet ceci. Il faut, au bon endroit : {roles_in_french}."


class WrongKindOfId(Refusal):
    """{id} does not name a {noun}: such an id starts with {prefix}_."""

    FRENCH = "{id} ne désigne pas un élément « {noun} » : cet identifiant commence par {prefix}_."


class StaleVersion(Refusal):
    """The version is {actual}, not {expected}: read it again, then decide anew."""

    FRENCH = "La version est {actual}, et non {expected} : relisez, puis décidez à nouveau."


class CommandReused(Refusal):
    """This commandId was already used for a different command. Send this one with a new id."""

    FRENCH = (
        "Ce commandId a déjà servi pour une autre commande. "
        "Envoyez celle-ci avec un nouvel identifiant."
    )


class Contended(Refusal):
    """Others keep changing the same thing at the same time. Send it again, same commandId."""

    FRENCH = (
        "D’autres modifient la même chose au même moment. Renvoyez la commande, même commandId."
    )


class Unavailable(Refusal):
    """It is not known whether this was stored. Send it again with the commandId {command_id}."""

    FRENCH = (
        "Le journal n’a pas répondu à temps : on ne sait pas si la commande est enregistrée. "
        "Renvoyez-la avec le commandId {command_id} : elle ne sera pas faite deux fois."
    )


class NotStored(Refusal):
    """The event store is away and nothing was stored. Send it again later."""

    FRENCH = "Le journal est indisponible et rien n’a été enregistré. Renvoyez plus tard."


class BlankText(Refusal):
    """This text is empty. Write at least one visible character."""

    FRENCH = "Ce texte est vide. Écrivez au moins un caractère visible."


class TextTooLong(Refusal):
    """This text has {length} characters, {limit} at most are accepted. Shorten it."""

    FRENCH = "Ce texte compte {length} caractères, {limit} au plus sont acceptés. Raccourcissez-le."


class ControlCharacters(Refusal):
    """This text has a control character at position {index}. Remove it."""

    FRENCH = "Ce texte contient un caractère de contrôle en position {index}. Retirez-le."


class InvalidNumber(Refusal):
    """{value} is out of bounds: write a number from {least} to {most}."""

    FRENCH = "{value} est hors limites : écrivez un nombre de {least} à {most}."


class DatesReversed(Refusal):
    """The end, {ends_on}, comes before the start, {starts_on}. Swap or correct them."""

    FRENCH = "La fin, {ends_on}, précède le début, {starts_on}. Inversez ou corrigez les dates."


class TooManyItems(Refusal):
    """This list has {length} items, {limit} at most are accepted. Split it."""

    FRENCH = "Cette liste compte {length} éléments, {limit} au plus sont acceptés. Scindez-la."


UNIVERSAL: tuple[type[Refusal], ...] = (
    NotSignedIn,
    Forbidden,
    NotFound,
    WrongKindOfId,
    StaleVersion,
    CommandReused,
    Contended,
    Unavailable,
    NotStored,
    BlankText,
    TextTooLong,
    ControlCharacters,
    InvalidNumber,
    DatesReversed,
    TooManyItems,
)
"""Refusals that any command can meet."""
