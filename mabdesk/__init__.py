"""mabdesk: from CHO fed-batch records to models, evidence and setpoints, on one desk without a network."""

__version__ = "0.1.0"
