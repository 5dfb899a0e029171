"""The keys under which people's texts lie, and the master key that wraps them all."""
