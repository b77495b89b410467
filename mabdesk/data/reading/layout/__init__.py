"""Where the tables of a sheet lie, and how they are turned into rows of samples with a header above them."""
