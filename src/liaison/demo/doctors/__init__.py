"""The doctors around the homes: each reads his own mailbox by IMAP and answers as he does, in his own words."""
