"""From WAV to numbers: metrics, embedders and their weights."""
