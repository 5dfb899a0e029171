"""Webhooks: deliveries to partners from a durable queue, in order for each thing."""
