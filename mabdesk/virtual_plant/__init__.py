"""CHO plants whose truth is known: the demo, the tests and the self-check run on them. Always simulated data."""
