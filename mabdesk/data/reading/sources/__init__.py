"""Files as they come: what they really are, whether they can be trusted, and their cells."""
