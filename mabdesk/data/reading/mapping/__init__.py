"""What headers mean, and what each table and column becomes."""
