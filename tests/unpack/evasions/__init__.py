"""Evasion mails: tricks that hide what a mail carries from a gateway but not from its reader, as a table.

Each builds two mails: one with a list of made-up people, and its twin with goods and news. New ones: a line in a table.
"""

from __future__ import annotations

from tests.unpack.evasions import boundaries, charsets, codings, contents, fields, names, structures
from tests.unpack.evasions.load import LIST, NEWS, PEOPLE, Law, Load, Trick

__all__ = ["LIST", "NEWS", "PEOPLE", "TRICKS", "Law", "Load", "Trick"]

TRICKS = (
    *fields.TRICKS,
    *boundaries.TRICKS,
    *codings.TRICKS,
    *names.TRICKS,
    *structures.TRICKS,
    *charsets.TRICKS,
    *contents.TRICKS,
)
