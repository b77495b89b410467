"""How one predicts: simple models and networks behind one protocol."""
