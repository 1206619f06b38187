"""Settlement over HTTP: a module for each of its parts."""
