"""All that we say to a mail tool, in one place; enhanced codes by RFC 3463 and its registry.

In: nothing. Out: reply texts. Fails: never.

Never a 5xx for a fault of ours, never an exception's text, never an address.
"""

from __future__ import annotations

BYE = "221 2.0.0 Bye"
AUTHENTICATED = "235 2.7.0 Authentication successful"
OK = "250 2.0.0 Ok"
SENDER_OK = "250 2.1.0 Ok"
RECIPIENT_OK = "250 2.1.5 Ok"
CANNOT_VERIFY = "252 2.5.2 Cannot verify, but will take mail"
HELP = "214 2.0.0 See RFC 5321"
GO_AHEAD = "354 End data with <CR><LF>.<CR><LF>"

SHUTTING_DOWN = "421 4.3.2 Service shutting down, please try again later"
LOST_TRACK = "421 4.3.0 Trouble on our side, please try again later"
TIMED_OUT = "421 4.4.2 Timeout, closing connection"
TOO_SLOW = "421 4.4.2 Too slow, closing connection"
TOO_MANY_CONNECTIONS = "421 4.7.0 Too many connections, please try again later"
TOO_MANY_COMMANDS = "421 4.7.0 Too many commands on one connection"
TOO_MANY_ERRORS = "421 4.7.0 Too many errors"
TOO_MANY_LOGINS = "421 4.7.0 Too many failed logins"
TROUBLE = "451 4.3.0 Trouble on our side, please try again later"
NO_SPACE = "452 4.3.1 No space, please try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"

UNKNOWN_COMMAND = "500 5.5.2 Command not recognized"
BAD_LINE = "500 5.5.2 A command ends with CRLF and holds no CR, LF or NUL"
LINE_TOO_LONG = "500 5.5.2 Line too long"
NOT_HTTP = "500 5.5.1 This is SMTP"
NO_ARGUMENT = "501 5.5.4 No argument expected"
BAD_HELO = "501 5.5.4 Syntax: EHLO hostname"
BAD_PARAMETER = "501 5.5.4 Malformed parameter"
BAD_BASE64 = "501 5.5.2 Cannot decode"
LOGIN_CANCELLED = "501 5.7.0 Authentication cancelled"
NOT_IMPLEMENTED = "502 5.5.1 Not implemented"
GREET_FIRST = "503 5.5.1 Send EHLO first"
MAIL_FIRST = "503 5.5.1 Send MAIL first"
NESTED_MAIL = "503 5.5.1 Nested MAIL command"
NOT_NOW_IN_MAIL = "503 5.5.1 Not within a transaction"
LOGGED_IN_ALREADY = "503 5.5.1 Already authenticated"
TLS_ALREADY = "503 5.5.1 TLS is active already"
UNKNOWN_MECHANISM = "504 5.5.4 Unknown authentication mechanism"
LOGIN_FIRST = "530 5.7.0 Authentication required"
WRONG_LOGIN = "535 5.7.8 Authentication credentials invalid"
TLS_FIRST = "538 5.7.11 Encryption required for authentication"
NOT_ALLOWED = "550 5.7.1 This client may not relay"
BARE_NEWLINE = "550 5.6.11 Bare CR, bare LF or NUL in content"
TOO_BIG = "552 5.3.4 Message too big"
BAD_ADDRESS = "553 5.1.3 Malformed address"
BAD_SENDER = "553 5.1.7 Malformed sender address"
NEEDS_SMTPUTF8 = "553 5.6.7 Address needs SMTPUTF8"
NO_RECIPIENTS = "554 5.5.1 No valid recipients"
LOOP = "554 5.4.6 Too many hops, there is a loop"
UNKNOWN_PARAMETER = "555 5.5.4 Parameter not recognized"


def held(mail_id: str) -> str:
    """Say that a mail is durable, and under which name."""
    return f"250 2.0.0 held as {mail_id}"
