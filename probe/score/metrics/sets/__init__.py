"""What is measured of a whole set of clips, from vectors."""
