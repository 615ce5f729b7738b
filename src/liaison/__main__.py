"""`python -m liaison`: what bin/liaison runs."""

from liaison.cli import main

main()
