"""The demo's personas: a page on which one is picked, and its token copied. French and English.

It is there in the demo only, where everybody may be anybody.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.language import preferred
from api.security import policy
from domain.refusal import Language
from domain.role import Role


@dataclass(frozen=True, slots=True)
class Held:
    """A role of a persona, and where it is held."""

    role: Role
    place: str
    """The name of the place; nothing for the whole platform."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to be in the demo: roles, no natural person."""

    subject: str
    id: str
    """The id of its principal."""
    roles: Sequence[Held]


class Personas(Protocol):
    """Those whom a demo has, and the issuer of their tokens."""

    def all(self) -> Sequence[Persona]:
        """Give all personas, in the order in which they are shown."""

    def token(self, persona: Persona) -> str:
        """Make a token that counts for a while."""


_STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td { padding: .5rem; border-top: 1px solid #ddd; vertical-align: top }
pre { overflow-x: auto; padding: 1rem; background: #f3f3f0; white-space: pre-wrap;
  word-break: break-all; user-select: all }
"""
_SCRIPT: Final = """
for (const button of document.querySelectorAll("button"))
  button.addEventListener("click", async () => {
    const token = button.closest("section").querySelector("pre").textContent;
    await navigator.clipboard.writeText(token);
    button.textContent = button.dataset.done;
  });
"""
_HEADERS: Final = {
    **policy(style=_STYLE, script=_SCRIPT),
    "cache-control": "no-store",
    "vary": "accept-language",
}

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Personas of the demo",
        "lead": "Pick one, copy its token, and send it as <code>Authorization: Bearer …</code>."
        " They are roles, not people; a token counts for twelve hours, in this demo only.",
        "token": "Its token",
        "copy": "Copy",
        "copied": "Copied",
        "everywhere": "the whole platform",
        "back": "All personas",
        "other": '<a href="?lang=fr" lang="fr">en français</a>',
        "unknown": "There is no such persona.",
    },
    "fr": {
        "title": "Les personnages de la démonstration",
        "lead": "Choisissez-en un, copiez son jeton, et envoyez-le comme"
        " <code>Authorization: Bearer …</code>. Ce sont des rôles, pas des personnes ; un jeton"
        " vaut douze heures, dans cette démonstration seulement.",
        "token": "Son jeton",
        "copy": "Copier",
        "copied": "Copié",
        "everywhere": "toute la plateforme",
        "back": "Tous les personnages",
        "other": '<a href="?lang=en" lang="en">in English</a>',
        "unknown": "Ce personnage n’existe pas.",
    },
}


def pages_of(personas: Personas) -> Sequence[Route]:
    """Make the pages: all personas, and one with its token."""

    async def list_all(request: Request) -> Response:
        language = _language(request)
        rows = "".join(_row(persona, language) for persona in personas.all())
        return _page(f"<table>{rows}</table>", language)

    async def show_one(request: Request) -> Response:
        language = _language(request)
        subject = request.path_params["subject"]
        persona = next((each for each in personas.all() if each.subject == subject), None)
        if persona is None:
            return PlainTextResponse(_WORDS[language]["unknown"], 404)
        return _page(_card(persona, personas.token(persona), language), language)

    return (Route("/personas", list_all), Route("/personas/{subject}", show_one))


def _language(request: Request) -> Language:
    match request.query_params.get("lang"):
        case "fr":
            return "fr"
        case "en":
            return "en"
        case _:
            return preferred(request.headers.get("accept-language", ""))


def _row(persona: Persona, language: Language) -> str:
    subject = html.escape(persona.subject)
    return (
        f'<tr><td><a href="/personas/{subject}?lang={language}">{subject}</a></td>'
        f"<td>{_roles(persona, language)}</td></tr>"
    )


def _card(persona: Persona, token: str, language: Language) -> str:
    words = _WORDS[language]
    return (
        f"<section><h2>{html.escape(persona.subject)}</h2><p>{_roles(persona, language)}</p>"
        f"<p><code>{html.escape(persona.id)}</code></p>"
        f'<h3>{words["token"]} <button type="button" data-done="{words["copied"]}">'
        f"{words['copy']}</button></h3><pre>{html.escape(token)}</pre>"
        f'<p><a href="/personas?lang={language}">{words["back"]}</a></p></section>'
    )


def _roles(persona: Persona, language: Language) -> str:
    everywhere = _WORDS[language]["everywhere"]
    return "<br>".join(
        html.escape(
            f"{held.role.fr if language == 'fr' else held.role.en} – {held.place or everywhere}"
        )
        for held in persona.roles
    )


def _page(content: str, language: Language) -> Response:
    words = _WORDS[language]
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<title>{words['title']} – cordée</title><style>{_STYLE}</style>"
        f"<h1>{words['title']}</h1><p>{words['lead']}</p><p>{words['other']}</p>"
        f"{content}<script>{_SCRIPT}</script></html>",
        headers=_HEADERS,
    )
