"""How one predicts: simple models and networks behind one protocol.

The environment is set here because it must stand before Keras and its backend are first imported by any module below.
"""

from mabdesk import backends

backends.apply()
