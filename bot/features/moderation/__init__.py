"""What a guild's staff decide: cases, and who may decide which."""
