"""What the operator and a guild's staff have set: limits, weights, prices, defaults.

Each value is a row with a version and who changed it. Settings fill the rows at start; what
somebody else has changed since, holds. A verb reads them in the transaction that it decides in.
"""
