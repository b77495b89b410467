"""Plots of plain arrays; they know no project. Days on the axis, hours in the data."""
