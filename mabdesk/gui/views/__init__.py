"""What results look like as tables and plots: plain functions of plain values, without Qt."""
