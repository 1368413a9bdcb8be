"""`python -m qualsvc`: the same as the command `qualsvc`."""

from qualsvc.cli import main

main()
