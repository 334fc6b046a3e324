"""The class of each place as pages show it: word, tone, and whether it is invented."""
