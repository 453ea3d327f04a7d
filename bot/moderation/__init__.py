"""What a guild's staff let nobody ask for: word rules, and how a text is judged by them.

Pure: texts and records go in, a verdict comes out.
"""
