"""Copies a TorchScript model made in Python, and what it gives for some images, into script/, beside this script.

    python3 make_script.py FOLDER

FOLDER/model/model.pt was traced by PyTorch in evaluation mode: normalised images [N,3,32,32] -> (logits [N,10], features [N,64]), a small network of
convolutions and batch norms trained on CIFAR-10. FOLDER has images_SPLIT.npy with images_SPLIT_logits.npy and images_SPLIT_features.npy, float32, for the splits
id (CIFAR-10), near (CIFAR-100) and far (MNIST); the first four of each are kept, one after the other, as raw little-endian float32 in script.bin.
"""
import os
import struct
import sys
import zipfile

import numpy as np

source = sys.argv[1]
target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "script")


def without_paths(source, target):
    """Copies a TorchScript file but for the places in Python sources that its code came from; tensors stay at multiples of 64 bytes."""
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as write:
        for name in read.namelist():
            if name.endswith(".debug_pkl"):
                continue
            info = zipfile.ZipInfo(name)
            padding = -(write.fp.tell() + 30 + len(name) + 4) % 64
            info.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
            write.writestr(info, read.read(name))


without_paths(os.path.join(source, "model", "model.pt"), os.path.join(target, "model.pt"))
with open(os.path.join(target, "script.bin"), "wb") as out:
    for what in ("", "_logits", "_features"):
        for split in ("id", "near", "far"):
            out.write(np.load(os.path.join(source, f"images_{split}{what}.npy"))[:4].astype("<f4").tobytes())
