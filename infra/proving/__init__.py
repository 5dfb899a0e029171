"""The proof of the log: what was recorded is there, and nothing of it was changed since."""
