"""Links to the web."""

from urllib.parse import urlsplit

from domain import text
from domain.refusal import Refusal


class InvalidLink(Refusal):
    """{url} is no address on the web. Write it whole: https://, the site, the page."""

    FRENCH = "{url} n’est pas une adresse du web. Écrivez-la entière : https://, le site, la page."


def link(value: str, path: str) -> str:
    """An absolute address by http or https, without white space, as it was given."""
    address = text.text(value, path)
    try:
        parts = urlsplit(address)
        reachable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # such as an unclosed bracket of an IPv6 address
        reachable = False
    if not reachable or any(character.isspace() for character in address):
        raise InvalidLink(path, url=address[:80])
    return address


def optional_link(value: str | None, path: str) -> str | None:
    """An address, or nothing."""
    return None if value is None else link(value, path)
