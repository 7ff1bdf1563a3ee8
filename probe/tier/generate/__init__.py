"""Fresh prompts with exact truth, one module per tier that has a grammar."""
