"""A file -> grids -> blocks (preview) -> plans (mapping) -> Dataset, with every problem and change by cell.

The front door is `files.read_bytes` and `files.read_files`. It is not imported here: the process that parses a workbook
imports this package too, and must start in no time.
"""
