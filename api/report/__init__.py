"""The audit report of a roadmap: what it says, asked of the interface itself."""
