"""`sekisho scan`: inspects documents and mails where they lie, by the same workers and the same policy as a send."""
