"""Packs the reference values of the post-hoc detectors that the tests use into posthoc.npz, beside this script.

    python3 make_posthoc.py FOLDER

FOLDER holds arrays made by the original Python implementations (SIO's repository, which is OpenOOD 1.0 plus SIO; OpenOOD 1.5 for the methods the former lacks) on a small
network trained on CIFAR-10: features [N,64] and logits [N,10] of 2,000 training images, 500 validation images and 500 test images per
split (id: CIFAR-10, near: CIFAR-100, far: MNIST), and each method's scores (all files scores_METHOD_SPLIT.npy), higher meaning more in-distribution.
"""
import os
import sys

import numpy as np

source = sys.argv[1]


def load(name):
    return np.load(os.path.join(source, name + ".npy"))


arrays = {"val_features": load("val_features"), "val_logits": load("val_logits"), "val_labels": load("val_labels").astype(np.int32),
          "train_features": load("train_features"), "train_logits": load("train_logits"),
          "train_labels": load("train_labels").astype(np.int32)}
for split in ("id", "near", "far"):
    arrays[f"{split}_features"] = load(f"test_{split}_features")
    arrays[f"{split}_logits"] = load(f"test_{split}_logits")
    arrays[f"{split}_labels"] = load(f"test_{split}_labels").astype(np.int32)
    for file in sorted(os.listdir(source)):
        if file.startswith("scores_") and file.endswith(f"_{split}.npy"):
            arrays[file[len("scores_"):-len(".npy")]] = load(file[:-len(".npy")])
arrays["fc_weight"], arrays["fc_bias"] = load("fc_weight"), load("fc_bias")
np.savez_compressed(os.path.join(os.path.dirname(os.path.abspath(__file__)), "posthoc.npz"), **arrays)
