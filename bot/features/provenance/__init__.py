"""Where a picture comes from, for whoever shows it."""
