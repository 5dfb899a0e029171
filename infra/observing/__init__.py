"""Watching: what the program tells those who run it, in metrics, traces and logs."""
