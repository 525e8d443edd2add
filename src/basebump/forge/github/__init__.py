"""An organisation on GitHub: read without a clone, publish in two requests."""
