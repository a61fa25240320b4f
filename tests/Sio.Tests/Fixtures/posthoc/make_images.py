"""Packs the reference values of the detectors that need images into images.npz, beside this script.

    python3 make_images.py FOLDER

FOLDER is that of make_posthoc.py. It has images_SPLIT.npy (the first 40 images of each split, normalised), the logits and features that the network gives for them,
the scores that the original Python implementations give them (images_scores_METHOD_SPLIT.npy), and the network's weights (model/NAME.npy). Images are kept as bytes,
from which the normalisation gives the very same numbers again: that is checked here.
"""
import os
import sys

import numpy as np

source = sys.argv[1]
mean = np.array([0.4914, 0.4822, 0.4465], np.float32)[:, None, None]
std = np.array([0.2470, 0.2435, 0.2616], np.float32)[:, None, None]
arrays = {}
for split in ("id", "near", "far"):
    images = np.load(os.path.join(source, f"images_{split}.npy"))
    levels = np.rint((images.astype(np.float64) * std + mean) * 255).astype(np.uint8)
    error = np.abs((levels.astype(np.float32) / np.float32(255) - mean) / std - images).max()
    assert error < 1e-6, error
    print(split, "largest difference after packing:", error)
    arrays[f"images_{split}"] = levels
    for what in ("logits", "features"):
        arrays[f"{what}_{split}"] = np.load(os.path.join(source, f"images_{split}_{what}.npy"))
    for method in ("odin", "odin_noise0", "rankfeat"):
        arrays[f"{method}_{split}"] = np.load(os.path.join(source, f"images_scores_{method}_{split}.npy"))
for file in sorted(os.listdir(os.path.join(source, "model"))):
    if file.endswith(".npy"):
        arrays["model." + file[:-len(".npy")]] = np.load(os.path.join(source, "model", file))
np.savez_compressed(os.path.join(os.path.dirname(os.path.abspath(__file__)), "images.npz"), **arrays)
