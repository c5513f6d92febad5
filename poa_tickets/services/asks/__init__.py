"""The weekly ask: sent, answered, reminded, and the ledger of who answered."""
