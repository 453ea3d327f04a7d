"""What is not queued yet: a prompt to be looked at, several to be confirmed, one to be mended."""
