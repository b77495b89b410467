"""What a batch is, and how a file of batch records becomes arrays that a model can learn from."""
