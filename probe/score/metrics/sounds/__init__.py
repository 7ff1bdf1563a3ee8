"""What is measured of environmental sounds."""
