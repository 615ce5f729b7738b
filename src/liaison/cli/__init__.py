"""The command line: ``app`` says what can be typed, the other modules do it."""
