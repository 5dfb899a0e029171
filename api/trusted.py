"""Trusted documents: those of the manifests, sent by their ids in place of their texts.

They are parsed and validated at the start, and never again. An instance may take them alone: then
nobody asks it what no client of its makers asks. Strangers cannot add to them: Apollo's automatic
registration would be memory that anybody fills, in one process of several, to save bytes that the
manifests save anyhow. Its clients are told so in its own words, and send the text from there on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from graphql import GraphQLError

from api.documents import Documents
from api.manifest import BrokenManifest, hash_in, hash_of
from domain.refusal import Language, Refusal

_SHOWN: Final = 80
"""Characters of an id that are told back."""


class DocumentRefused(Refusal):
    """This document is not taken."""

    FRENCH = "Ce document n’est pas accepté."
    STATUS: ClassVar = 400


class DocumentIdMalformed(DocumentRefused):
    """{id} is no id of a document: write its SHA-256 in 64 hexadecimal digits, in lower case."""

    FRENCH = (
        "{id} n’est pas l’identifiant d’un document : écrivez son SHA-256 en 64 chiffres"
        " hexadécimaux, en minuscules."
    )


class DocumentUnknown(DocumentRefused):
    """No trusted document has the id {id}. Send its text as `query`, or add it to a manifest."""

    FRENCH = (
        "Aucun document de confiance ne porte l’identifiant {id}. Envoyez son texte dans `query`,"
        " ou ajoutez-le à un manifeste."
    )


class DocumentNotTrusted(DocumentRefused):
    """Only trusted documents are taken here. Have this one added to a manifest of this instance."""

    FRENCH = (
        "Seuls les documents de confiance sont acceptés ici. Faites ajouter celui-ci à un"
        " manifeste de cette instance."
    )


class DocumentMismatch(DocumentRefused):
    """The hash that comes with this document is not the SHA-256 of its text. Compute it anew."""

    FRENCH = "L’empreinte jointe à ce document n’est pas le SHA-256 de son texte. Recalculez-la."


class PersistedQueryNotSupported(DocumentRefused):
    """Documents are not registered here by sending them."""

    FRENCH = "Envoyer un document ne suffit pas à l’enregistrer ici."

    def message(self, language: Language) -> str:  # noqa: ARG002
        """Give the words by which its clients know it, whatever the language."""
        return type(self).__name__


@dataclass(frozen=True, slots=True)
class Trusted:
    """The trusted documents of an instance."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """By their hashes."""
    only: bool = False
    """Whether no other document is taken."""
    _known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", frozenset(self.texts.values()))

    def keep(self, documents: Documents) -> None:
        """Have all of them parsed and validated, and kept. Raises `BrokenManifest`."""
        problems = []
        for id, text in self.texts.items():
            problems += [f"{id}: {_told(error)}" for error in documents.keep(text).errors]
        if problems:
            raise BrokenManifest("The schema does not allow what manifests trust", *problems)

    def named(self, id: str) -> str:
        """Give the text of the document with an id, in either spelling.

        Raises:
            DocumentIdMalformed: no document could have it.
            DocumentUnknown: none has.
        """
        stated = hash_in(id)
        if stated is None:
            raise DocumentIdMalformed("documentId", id=repr(id[:_SHOWN]))
        if stated not in self.texts:
            raise DocumentUnknown("documentId", id=id)
        return self.texts[stated]

    def admitted(self, text: str) -> str:
        """Let a text in. Raises `DocumentNotTrusted` where it would have to be trusted."""
        if self.only and text not in self._known:
            raise DocumentNotTrusted("query")
        return text

    def persisted(self, text: str | None, given: Any) -> str:
        """Give the document that Apollo's ``extensions.persistedQuery`` stands for.

        Raises:
            PersistedQueryNotSupported: it is none of ours, and its text was not sent.
            DocumentMismatch: its text was, and has another hash.
            DocumentNotTrusted: it would have to be one of ours.
        """
        stated = given.get("sha256Hash") if isinstance(given, dict) else None
        if text is None:
            if not isinstance(stated, str) or stated not in self.texts:
                raise PersistedQueryNotSupported
            return self.texts[stated]
        if stated != hash_of(text):
            raise DocumentMismatch("extensions.persistedQuery.sha256Hash")
        return self.admitted(text)


NONE: Final = Trusted()
"""No document is trusted, and every one is taken."""


def _told(error: GraphQLError) -> str:
    at = error.locations[0] if error.locations else None
    return error.message if at is None else f"{error.message} (line {at.line})"
