"""Workbooks with one of their parts changed by hand."""

import io
import zipfile


def edited(data, member, change):
    """Give the workbook with one of its parts changed by `change(text) -> text`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content.decode()).encode() if info.filename == member else content)
    return stream.getvalue()
