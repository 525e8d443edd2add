"""One value, many renderers: every function here takes values and returns text."""
