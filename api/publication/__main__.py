"""Writes the catalogue of public events: ``python -m api.publication``."""

from api.publication.shelf import WRITTEN, catalogue

if __name__ == "__main__":
    WRITTEN.write_bytes(catalogue())
