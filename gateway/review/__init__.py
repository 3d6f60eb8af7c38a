"""Rules: where a send may go, who may say so, and how it is sealed."""
