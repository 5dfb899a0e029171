"""Webhooks: partners register where to tell them what happens, and see what came of it."""
