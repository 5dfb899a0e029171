"""Events of the log as lines of text: out of one log, and into another."""
