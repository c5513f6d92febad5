"""Mails that come in: fetched, read, decided, kept in a ledger, and what waits for a person."""
