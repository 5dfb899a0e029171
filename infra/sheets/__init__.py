"""Spreadsheets of action sheets: in through the commands, out from the read model."""
