"""What the machine may refuse, said in French to the person who started the command."""


class RuntimeProblem(Exception):  # noqa: N818 - a refusal explained to a person, not a bug of the program
    """Its text is a French sentence for the person at the terminal; the command prints it and exits 2."""


class PortInUse(RuntimeProblem):
    """Another program already listens on a port this command needs."""


class PostgresProblem(RuntimeProblem):
    """The embedded PostgreSQL cannot be prepared, started, reached or stopped."""


class ChildProblem(RuntimeProblem):
    """A child process did not start, or keeps dying."""


class KeysGone(RuntimeProblem):
    """There is a database, and no key to open what it refers to."""
