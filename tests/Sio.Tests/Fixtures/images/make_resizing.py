"""Makes resizing.npz: what PIL's resize gives for the picture that ResamplerTests draws too.

    /usr/bin/python3 make_resizing.py

Needs Debian 12's python3-pil (9.4) and python3-numpy. Keys are WIDTHxHEIGHTxCHANNELS-to-WIDTHxHEIGHT-FILTER; small results are kept whole (H, W, C), of large ones the SHA-256.
"""
import hashlib
import os

import numpy as np
from PIL import Image

CASES = [  # width, height, channels, new width, new height
    (43, 29, 3, 20, 11), (43, 29, 3, 86, 58), (43, 29, 3, 43, 10), (43, 29, 3, 7, 29), (43, 29, 3, 1, 1), (43, 29, 3, 44, 30), (43, 29, 1, 20, 11),
    (43, 29, 1, 64, 33), (5, 3, 3, 11, 8), (1, 1, 3, 4, 3), (2, 90, 3, 9, 4), (32, 32, 3, 16, 16), (28, 28, 1, 32, 32),
    (500, 375, 3, 341, 256), (375, 500, 3, 224, 224), (64, 64, 3, 224, 224), (300, 201, 1, 224, 224), (1999, 7, 3, 30, 40),
]


def draw(width, height, channels):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return (((x * x * 3 + y * y * 5 + x * y * 7 + c * 91) >> 3) & 255).astype(np.uint8)


arrays = {}
for width, height, channels, new_width, new_height in CASES:
    pixels = draw(width, height, channels)
    image = Image.fromarray(pixels if channels == 3 else pixels[..., 0])
    for name in ("nearest", "bilinear", "bicubic"):
        result = np.asarray(image.resize((new_width, new_height), getattr(Image.Resampling, name.upper()))).reshape(new_height, new_width, channels)
        if result.size > 4000:
            result = np.frombuffer(hashlib.sha256(result.tobytes()).digest(), np.uint8)
        arrays[f"{width}x{height}x{channels}-to-{new_width}x{new_height}-{name}"] = result
np.savez_compressed(os.path.join(os.path.dirname(os.path.abspath(__file__)), "resizing.npz"), **arrays)
