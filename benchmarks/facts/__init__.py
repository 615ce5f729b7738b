"""Facts of the record read in the words of letters: what they are measured by."""
