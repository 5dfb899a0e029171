"""The language of cordée: aggregates, their events, their rules. Nothing here does I/O."""
