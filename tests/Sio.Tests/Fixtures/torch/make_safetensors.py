"""Makes reference.safetensors with the reference implementation (Debian 13's python3-safetensors and python3-numpy)."""
import os

import numpy as np
from safetensors.numpy import save_file

here = os.path.dirname(os.path.abspath(__file__))
save_file(
    {
        "b": np.array([[1, 2]], dtype=np.float32),
        "a": np.array([7], dtype=np.uint8),
        "c": np.array([3], dtype=np.int64),
        "aa": np.array([4], dtype=np.float32),
        "scalar": np.array(2.5, dtype=np.float64),
        "empty": np.zeros((0, 4), dtype=np.float16),
        "bool": np.array([True, False, True]),
        "i8": np.array([-1, 2], dtype=np.int8),
        "i16": np.array([-300], dtype=np.int16),
        "i32": np.array([1 << 20], dtype=np.int32),
        'ünï "name"': np.array([1.5], dtype=np.float64),
    },
    os.path.join(here, "reference.safetensors"),
    metadata={"format": "pt"},
)
