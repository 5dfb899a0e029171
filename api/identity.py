"""Who is calling: what is answered to those who cannot prove it, and callers without proof."""

from typing import Final

from api.ports import Identity
from domain.refusal import Refusal

ANYBODY: Final = Identity()
"""A caller without credentials."""


class Unauthenticated(Refusal):
    """These credentials prove nothing. Send `Authorization: Bearer` and a token or a key."""

    FRENCH = (
        "Ces justificatifs ne prouvent rien. "
        "Envoyez `Authorization: Bearer` suivi d’un jeton ou d’une clé."
    )


class MalformedToken(Unauthenticated):
    """This is no token that can be read here: a signed JWT, or a key that starts with cordee_."""

    FRENCH = "Ce jeton est illisible : il faut un JWT signé, ou une clé qui commence par cordee_."


class UnknownIssuer(Unauthenticated):
    """Tokens of this issuer do not count here. The operator says whose do."""

    FRENCH = "Les jetons de cet émetteur ne comptent pas ici. L’opérateur dit lesquels comptent."


class WrongAudience(Unauthenticated):
    """This token was made for somebody else. Ask its issuer for one whose audience is cordée."""

    FRENCH = "Ce jeton est destiné à un autre. Demandez-en un dont l’audience soit cordée."


class WrongSignature(Unauthenticated):
    """No key of its issuer signed this token, or not in a way that counts here."""

    FRENCH = "Aucune clé de son émetteur n’a signé ce jeton, ou pas d’une manière admise ici."


class TokenExpired(Unauthenticated):
    """This token has expired. Get a new one."""

    FRENCH = "Ce jeton a expiré. Demandez-en un nouveau."


class TokenNotYetValid(Unauthenticated):
    """This token is not valid yet. Check the clocks, or wait."""

    FRENCH = "Ce jeton n’est pas encore valable. Vérifiez les horloges, ou patientez."


class KeyRefused(Unauthenticated):
    """This key does not count: it is unknown, has expired or was revoked. Ask for a new one."""

    FRENCH = (
        "Cette clé ne compte pas : elle est inconnue, expirée ou révoquée. Demandez-en une autre."
    )


class CannotBeChecked(Refusal):
    """What could prove these credentials does not answer. Try again shortly."""

    FRENCH = "Ce qui prouverait ces justificatifs ne répond pas. Réessayez dans un instant."


class TooManyGuesses(Refusal):
    """Too many wrong credentials came from this address. Wait {seconds} s, then check yours."""

    FRENCH = (
        "Trop de justificatifs faux sont venus de cette adresse. "
        "Attendez {seconds} s, puis vérifiez les vôtres."
    )


class RateLimited(Refusal):
    """More was asked for than {quota} in {window} s ({policy}). Wait {seconds} s, then go on."""

    FRENCH = (
        "Le plafond de {quota} en {window} s ({policy}) est dépassé. "
        "Attendez {seconds} s, puis reprenez."
    )


class Strangers:
    """Nobody is known, and whoever sends credentials is told so."""

    async def identify(self, authorization: str | None, address: str) -> Identity:  # noqa: ARG002
        """Give anybody."""
        if authorization is not None:
            raise Unauthenticated
        return ANYBODY

    async def stands(self, identity: Identity) -> bool:  # noqa: ARG002
        """Nothing was proved that could be revoked."""
        return True
