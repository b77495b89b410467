"""What one sees: the window. Qt lives here and nowhere else."""
