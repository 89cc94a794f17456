"""`python -m peoplelink.cli`."""

from peoplelink.cli.command import main

main()
