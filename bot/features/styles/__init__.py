"""A guild's styles, which its staff make and its members name."""
