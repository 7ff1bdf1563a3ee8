"""The attack corpus, and whether a sandbox contains it."""
