"""The other home of the group that has a mailbox: its secretary hands over what is not hers."""
