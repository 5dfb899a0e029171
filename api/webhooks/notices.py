"""Notices: what the owner of a webhook should know, in both languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from domain.refusal import Language


class Notice(StrEnum):
    """What there is to know of a webhook."""

    VERIFIED = "VERIFIED"
    GONE = "GONE"
    EXHAUSTED = "EXHAUSTED"
    FAILING = "FAILING"
    RIGHTS_LOST = "RIGHTS_LOST"
    OWNER_CLOSED = "OWNER_CLOSED"
    FILTER_REFUSED = "FILTER_REFUSED"
    SECRET_LOST = "SECRET_LOST"  # noqa: S105  (no secret)
    PAUSED_BY_OPERATOR = "PAUSED_BY_OPERATOR"
    RESUMED_BY_OPERATOR = "RESUMED_BY_OPERATOR"


class _Text(NamedTuple):
    english: str
    french: str


_TEXTS: Final[Mapping[Notice, _Text]] = {
    Notice.VERIFIED: _Text(
        "It answered the challenge, and is told what happens from now on.",
        "Le webhook a répondu au défi, et reçoit désormais ce qui arrive.",
    ),
    Notice.GONE: _Text(
        "It answered 410, gone, and is paused. Resume it if that was wrong, or remove it.",
        "Le webhook a répondu 410, disparu, et il est en pause. "
        "Reprenez-le si c’était une erreur, ou supprimez-le.",
    ),
    Notice.EXHAUSTED: _Text(
        "Delivery {delivery} failed {tries} times, and the webhook is paused. "
        "Mend what it meets, then resume; nothing is lost.",
        "L’envoi {delivery} a échoué {tries} fois, et le webhook est en pause. "
        "Corrigez ce qu’il rencontre, puis reprenez ; rien n’est perdu.",
    ),
    Notice.FAILING: _Text(
        "Nothing could be delivered since {since}, and the webhook is paused. "
        "Mend the receiver, then resume; nothing is lost.",
        "Rien n’a pu être remis depuis {since}, et le webhook est en pause. "
        "Réparez le récepteur, puis reprenez ; rien n’est perdu.",
    ),
    Notice.RIGHTS_LOST: _Text(
        "You do not hold any more: {roles}. The webhook is paused; "
        "resumed, it is told what you may still see.",
        "Vous n’avez plus : {roles}. Le webhook est en pause ; "
        "une fois repris, il reçoit ce que vous pouvez encore voir.",
    ),
    Notice.OWNER_CLOSED: _Text(
        "Your account was closed, and the webhook is paused.",
        "Votre compte a été fermé, et le webhook est en pause.",
    ),
    Notice.FILTER_REFUSED: _Text(
        "Its filters are not understood any more, and the webhook is paused: {reason} "
        "Register another.",
        "Ses filtres ne sont plus compris, et le webhook est en pause : {reason} "
        "Enregistrez-en un autre.",
    ),
    Notice.SECRET_LOST: _Text(
        "Its secret is lost, and the webhook is paused. Give it another, then resume.",
        "Son secret est perdu, et le webhook est en pause. Donnez-lui-en un autre, puis reprenez.",
    ),
    Notice.PAUSED_BY_OPERATOR: _Text(
        "The operator has paused it.",
        "L’exploitant l’a mis en pause.",
    ),
    Notice.RESUMED_BY_OPERATOR: _Text(
        "The operator has resumed it.",
        "L’exploitant l’a repris.",
    ),
}


def told(code: str, facts: Mapping[str, Any], language: Language) -> str:
    """Tell a notice in a language.

    Raises:
        ValueError: there is no such notice.
    """
    english, french = _TEXTS[Notice(code)]
    return (french if language == "fr" else english).format(**facts)
