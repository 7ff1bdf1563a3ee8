"""What is measured of musical notes."""
