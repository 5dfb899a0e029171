"""What is published of what happens: events for partners, the catalogue of them, and the feed."""
