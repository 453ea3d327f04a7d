"""What staff decide."""
