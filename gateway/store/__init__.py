"""Service: one database for everything. Each module is one table, or what belongs to it."""
