"""Probe: what text-only language models know about sound."""
