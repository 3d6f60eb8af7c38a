"""Edge: the review pages and the HTTP API."""
