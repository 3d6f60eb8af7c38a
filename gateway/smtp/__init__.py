"""Edge: the SMTP listener that mail tools relay through.

In: connections. Out: envelopes and contents, handed to an Acceptor. Fails: to the client, by an SMTP reply of `replies.py`.

    listener     the sockets, and the way out when the gateway stops
    door         who may come in, and how many
    connection   one socket: greeting, lines, replies, time-outs
    session      the commands of one client
    login        AUTH PLAIN and LOGIN;  clients: whose login or network that is
    address      paths;  parameters: what MAIL and RCPT carry beside them
    inbox        lines and blocks as they come;  content: a mail's bytes up to CRLF.CRLF;  spool: where they wait
"""
