"""Audio to vectors."""
