"""From prompts to replies: ways of asking, many at once, and what it costs."""
