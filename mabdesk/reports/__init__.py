"""What is handed over: Excel workbooks that can be read, checked and filed."""
