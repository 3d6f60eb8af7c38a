"""Sekisho (関所): the gateway that a mail tool's sends have to pass."""

__version__ = "0.1.0"
