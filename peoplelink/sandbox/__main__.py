"""`python -m peoplelink.sandbox`."""

from peoplelink.sandbox.command import main

main()
