"""Why an act was refused: one tree, whose messages are French sentences a person can read."""


class Refused(Exception):  # noqa: N818 (reads as the sentence it is: the act is refused)
    """An act that is not done. Its text is shown to the person who asked; it holds no health data."""


class NotAllowed(Refused):
    """The person's roles do not allow the act."""


class AlreadyDone(Refused):
    """Somebody did it before: nothing is done twice."""


class NotPossible(Refused):
    """The state of things does not allow the act."""
