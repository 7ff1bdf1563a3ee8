"""Containers of a Docker engine, and the image that programs run on."""
