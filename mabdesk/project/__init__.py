"""What is kept: one SQLite file of immutable results with an audit trail."""
