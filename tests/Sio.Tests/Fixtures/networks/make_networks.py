"""Builds the networks of src/Sio/Networks once more, in PyTorch, and records what they compute.

Run with Debian's python3-torch (1.13):  /usr/bin/python3 make_networks.py > networks.json

Weights would make the file large, so both sides fill them by the same formula in exact integer arithmetic; see `uniform`.
"""
import json
import sys

import numpy as np
import torch
from torch import nn

IMAGES = 3


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut: He et al. 2016, under OpenOOD's names; torchvision has another one for the shortcut."""

    def __init__(self, inputs, outputs, stride, shortcut="shortcut"):
        super().__init__()
        self.name = shortcut
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        way = nn.Sequential()
        if stride != 1 or inputs != outputs:
            way = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        setattr(self, shortcut, way)

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + getattr(self, self.name)(x))


class ResNet(nn.Module):
    def __init__(self, widths, blocks, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.stages = len(widths)
        inputs = widths[0]
        for k, width in enumerate(widths):
            layers = [Block(inputs, width, 1 if k == 0 else 2)] + [Block(width, width, 1) for _ in range(blocks - 1)]
            setattr(self, f"layer{k + 1}", nn.Sequential(*layers))
            inputs = width
        self.fc = nn.Linear(inputs, classes)

    def features(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        for k in range(self.stages):
            x = getattr(self, f"layer{k + 1}")(x)
        return x.mean((2, 3))


class ResNetForImageNet(nn.Module):
    """torchvision's resnet18, under its names: https://pytorch.org/vision/stable/models/resnet.html."""

    def __init__(self, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for k, width in enumerate([64, 128, 256, 512]):
            first = Block(inputs, width, 1 if k == 0 else 2, "downsample")
            setattr(self, f"layer{k + 1}", nn.Sequential(first, Block(width, width, 1, "downsample")))
            inputs = width
        self.fc = nn.Linear(inputs, classes)

    def features(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for k in range(4):
            x = getattr(self, f"layer{k + 1}")(x)
        return x.mean((2, 3))


class LeNet(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(channels, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.block2 = nn.Sequential(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2))
        self.block3 = nn.Sequential(nn.Conv2d(16, 120, 5), nn.ReLU())
        self.classifier1 = nn.Linear(120, 84)
        self.fc = nn.Linear(84, classes)

    def features(self, x):
        return torch.relu(self.classifier1(self.block3(self.block2(self.block1(x))).flatten(1)))


def uniform(shape, stream):
    """Element i of stream k is mix(i * 0x9E3779B1 + k * 0x85EBCA77) / 2^32, mix being MurmurHash3's finalizer; all modulo 2^32."""
    count = int(np.prod(shape))
    h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32((stream * 0x85EBCA77) % 2**32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (h.astype(np.float64) / 2.0**32).reshape(shape)


def fill(model):
    """Weights of variance 2/fan_in, batch norm near its usual values; the k-th entry of the state dict uses stream k + 1."""
    with torch.no_grad():
        for k, (name, value) in enumerate(model.state_dict().items()):
            u = uniform(tuple(value.shape), k + 1)
            if name.endswith("num_batches_tracked"):
                value.fill_(7)
            elif value.dim() > 1:
                value.copy_(torch.from_numpy((2 * u - 1) * np.sqrt(6.0 / value[0].numel())))
            elif name.endswith("running_var") or (name.endswith("weight")):
                value.copy_(torch.from_numpy(0.5 + u))
            else:
                value.copy_(torch.from_numpy((u - 0.5) * 0.2))


def digits(tensor):
    return [float(f"{v:.8g}") for v in tensor.flatten().tolist()]


def record(name, model, channels, size, classes):
    torch.manual_seed(0)
    fill(model)
    x = torch.from_numpy(uniform((IMAGES, channels, size, size), 0) * 4 - 2).float()
    entry = {"network": name, "channels": channels, "size": size, "classes": classes, "images": IMAGES,
             "parameters": sum(p.numel() for p in model.parameters()),
             "state": [{"name": n, "shape": list(v.shape)} for n, v in model.state_dict().items()]}
    for mode in ("eval", "train"):
        model.train(mode == "train")
        with torch.no_grad():
            features = model.features(x)
            entry[mode] = {"features": digits(features), "logits": digits(model.fc(features))}
    # One training pass has moved the running statistics.
    entry["after"] = {n: digits(v.double()) for n, v in model.state_dict().items() if n.startswith("bn1.") and "weight" not in n and "bias" not in n}
    return entry


json.dump([
    record("lenet", LeNet(1, 6), 1, 28, 6),
    record("resnet8_28x28", ResNet([16, 32, 64], 1, 1, 6), 1, 28, 6),
    record("resnet18_32x32", ResNet([64, 128, 256, 512], 2, 3, 10), 3, 32, 10),
    record("resnet18_224x224", ResNetForImageNet(3, 10), 3, 64, 10),
], sys.stdout, separators=(",", ":"))
print()
