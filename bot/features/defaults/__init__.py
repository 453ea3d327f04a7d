"""What a member has set for themselves."""
