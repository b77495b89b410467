"""What pages show, made from results: plain functions and data, no Qt."""
