"""Trails: tips that look like collusion. A query, never an act."""
