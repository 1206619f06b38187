"""What money measures take: shown beforehand, held, taken, restored."""
