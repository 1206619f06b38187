"""`python -m api.cli` is `zhibo`."""

from api.cli import main

main()
