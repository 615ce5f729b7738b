"""`python -m liaison`: what bin/liaison runs."""

from liaison.cli.app import main

if __name__ == "__main__":  # the PDF reader's process imports this module again
    main()
