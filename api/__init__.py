"""The GraphQL interface: what it offers, and how a question becomes a plan."""
