"""Attacks on the whole program, over its interface, by everybody who can call."""
