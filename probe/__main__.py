"""`python -m probe` is the command `probe`."""

from probe.cli.app import main

main()
