"""What a guild's staff decide, and what they are shown of it."""
