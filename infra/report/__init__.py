"""The audit report: typeset as a page for browsers and as a PDF."""
