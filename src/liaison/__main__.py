"""`python -m liaison`: what bin/liaison runs."""

if __name__ == "__main__":  # the process that reads files imports this module again, and needs nothing of it
    from liaison.cli.app import main

    main()
