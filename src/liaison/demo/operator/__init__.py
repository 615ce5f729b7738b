"""A small MSSanté-like mail operator: real SMTP and IMAP servers on the loopback, with mailboxes that last."""
