"""Manifests of trusted documents, read from their files."""

from collections.abc import Iterable
from pathlib import Path

from api.manifest import BrokenManifest, documents
from api.trusted import Trusted


def read(files: Iterable[Path], *, only: bool = False) -> Trusted:
    """Read the documents of all manifests; with ``only``, no other document is to be taken.

    Raises:
        BrokenManifest: a file cannot be read, or what is in it cannot be relied on.
    """
    texts: dict[str, str] = {}
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise BrokenManifest(
                f"{file} is no manifest to rely on", f"it cannot be read ({error.strerror})"
            ) from None
        texts |= documents(str(file), content)
    return Trusted(texts, only)
