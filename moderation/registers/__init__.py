"""Registers: the blacklist, permissions, promises, room actions, disclosures and tickets."""
