"""What one asks of a process model: how good it is, what becomes of plans and running batches, and why."""
