"""Keeping: backups and restores, events as lines of text, and a check of all that is stored."""
