"""Inspection: all that is stored, held against all that must hold."""
