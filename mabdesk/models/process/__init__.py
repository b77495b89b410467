"""The process model: what a whole batch becomes at a plan of setpoints."""
