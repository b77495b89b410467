"""A site's batches as a process model learns from them: setpoints, sensors, feeds and samples, day by day."""
