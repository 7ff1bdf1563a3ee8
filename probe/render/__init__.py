"""From replies to WAV: programs in the sandbox, sources of audio, and pictures of sound."""
