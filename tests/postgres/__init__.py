"""Every statement that the bot executed in tests, prepared on a real PostgreSQL."""
