"""From mapped tables to batches: rows by batch and hour, merged, checked, traced."""
