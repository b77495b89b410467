"""Cells into numbers and times."""
