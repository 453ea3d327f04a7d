"""The house's own measures: how large its parts are, and how far a reader walks for one request."""
