"""What one asks of a model: how good it is, on batches that it has not seen."""
