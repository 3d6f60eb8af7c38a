"""Edge: the SMTP listener that mail tools relay through."""
