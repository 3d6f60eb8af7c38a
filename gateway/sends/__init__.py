"""Rules: which mails make one send, and which sends one series."""
