"""Building: a generation folded in memory, written with COPY, and held against the log."""
