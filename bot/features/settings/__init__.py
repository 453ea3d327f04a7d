"""What a guild's staff set for their guild: pages, changes, log, undo, export and import."""
