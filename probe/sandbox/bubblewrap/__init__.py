"""The second sandbox: Linux without a Docker engine."""
