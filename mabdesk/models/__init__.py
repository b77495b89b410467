"""How one predicts: simple models and networks behind one protocol.

The environment is set here because it must stand before Keras and TensorFlow are first imported by any module below.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # oneDNN picks kernels by machine load: same seed, other numbers
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
