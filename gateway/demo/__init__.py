"""The Plus One week, played on this machine with people who do not exist."""
