"""A file -> grids -> blocks (preview) -> plans (mapping) -> Dataset, with every problem and change by cell."""

from mabdesk.data.reading.reading import ColumnReading, Reading, read_bytes, read_files

__all__ = ["ColumnReading", "Reading", "read_bytes", "read_files"]
