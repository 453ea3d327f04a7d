"""Small changes of the bot, each of which some test should notice: `make mutants`."""
