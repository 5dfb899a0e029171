"""Why a webhook is not registered, or not changed."""

from typing import Final

from api.interests import UnknownEventType, UnknownNoun
from api.publication.asked import CursorRefused, NotPublished, OtherFilters
from api.publication.search import BeyondTheEnd
from api.where import EmptyList
from domain.refusal import (
    BlankText,
    ControlCharacters,
    InvalidNumber,
    NotFound,
    NotSignedIn,
    Refusal,
    TextTooLong,
    TooManyItems,
    WrongKindOfId,
)
from domain.territory import UnknownTerritory


class WebhooksOff(Refusal):
    """This instance tells nobody by webhooks. Read the feed, or subscribe."""

    FRENCH = "Cette instance n’envoie pas de webhooks. Lisez le flux ou abonnez-vous."


class InvalidAddress(Refusal):
    """{url} cannot be called: write an https address with a host, and no name or password in it."""

    FRENCH = (
        "{url} ne peut être appelée : écrivez une adresse https avec un hôte, sans identifiants."
    )


class AddressNotPublic(Refusal):
    """{host} is not on the public internet. Give a public address, or ask the operator."""

    FRENCH = (
        "{host} n’est pas sur l’internet public. Donnez une adresse publique, ou voyez avec "
        "l’exploitant."
    )


class InvalidSecret(Refusal):
    """A secret is written whsec_ and 24 to 64 random bytes in base64. Leave it out to get one."""

    FRENCH = (
        "Un secret s’écrit whsec_ suivi de 24 à 64 octets aléatoires en base64. "
        "Omettez-le pour en recevoir un."
    )


class TooManyWebhooks(Refusal):
    """You have {limit} webhooks already. Remove one first."""

    FRENCH = "Vous avez déjà {limit} webhooks. Supprimez-en un d’abord."


class WebhookExists(Refusal):
    """This address with these filters is yours already, as {id}. Resume, replay or remove it."""

    FRENCH = (
        "Cette adresse avec ces filtres est déjà la vôtre, sous {id}. "
        "Reprenez, rejouez ou supprimez ce webhook."
    )


class OwnerClosed(Refusal):
    """Your account is closed: nothing can be told to it. Ask an administrator."""

    FRENCH = "Votre compte est fermé : rien ne peut lui être envoyé. Voyez avec un administrateur."


class WebhookPaused(Refusal):
    """This webhook is paused, or not verified yet. Resume it first."""

    FRENCH = "Ce webhook est en pause, ou n’est pas encore vérifié. Reprenez-le d’abord."


_SIGNED_IN: Final = (NotSignedIn, WebhooksOff)
_FOUND: Final = (*_SIGNED_IN, NotFound)
_POSITION: Final = (CursorRefused, OtherFilters, BeyondTheEnd)

REGISTERING: Final = (
    *_SIGNED_IN,
    *_POSITION,
    InvalidAddress,
    AddressNotPublic,
    InvalidSecret,
    TooManyWebhooks,
    WebhookExists,
    OwnerClosed,
    UnknownEventType,
    UnknownNoun,
    NotPublished,
    UnknownTerritory,
    EmptyList,
    TooManyItems,
    NotFound,
    WrongKindOfId,
    BlankText,
    TextTooLong,
    ControlCharacters,
)
ROTATING: Final = (*_FOUND, InvalidSecret, InvalidNumber)
STEERING: Final = _FOUND
REPLAYING: Final = (*_FOUND, *_POSITION)
RESENDING: Final = (*_FOUND, WebhookPaused)
