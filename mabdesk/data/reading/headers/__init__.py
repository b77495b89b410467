"""A header's text taken apart, and what it can mean."""
