"""History: what happened to a thing, in sentences, with who did it, why, and what it changed."""
