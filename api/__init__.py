"""The ways in: HTTP and the `zhibo` command. It translates and wires; it decides nothing about money."""
