"""Service: takes released mail to the next hop, recipient by recipient, and keeps the ledger."""
