"""Packs the reference values of the post-hoc detectors that the tests use into posthoc.npz, beside this script.

    python3 make_posthoc.py FOLDER

FOLDER holds arrays made by the original Python implementations (SIO's repository, which is OpenOOD 1.0 plus SIO) on a small
network trained on CIFAR-10: features [N,64] and logits [N,10] of 2,000 training images and of 500 test images per split (id:
CIFAR-10, near: CIFAR-100, far: MNIST), and each method's scores, higher meaning more in-distribution. The detectors are fitted
on the training images; k of KNN is 50.
"""
import os
import sys

import numpy as np

source = sys.argv[1]


def load(name):
    return np.load(os.path.join(source, name + ".npy"))


arrays = {"train_features": load("train_features"), "train_logits": load("train_logits"),
          "train_labels": load("train_labels").astype(np.int32)}
for split in ("id", "near", "far"):
    arrays[f"{split}_features"] = load(f"test_{split}_features")
    arrays[f"{split}_logits"] = load(f"test_{split}_logits")
    arrays[f"{split}_labels"] = load(f"test_{split}_labels").astype(np.int32)
    for method in ("msp", "mls", "ebo", "knn"):
        arrays[f"{method}_{split}"] = load(f"scores_{method}_{split}")
arrays["fc_weight"], arrays["fc_bias"] = load("fc_weight"), load("fc_bias")
np.savez_compressed(os.path.join(os.path.dirname(os.path.abspath(__file__)), "posthoc.npz"), **arrays)
