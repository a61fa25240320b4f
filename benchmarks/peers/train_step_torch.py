#!/usr/bin/python3
"""The step of `sio-bench step` in Python: ResNet-18 for 32x32 images, SIO's two sources, crop and flip, SGD with Nesterov momentum.

    apt-get install -y python3-torch
    /usr/bin/python3 benchmarks/peers/train_step_torch.py [--bare] [--steps N] [--threads N]
    GOMP_SPINCOUNT=1000 /usr/bin/python3 benchmarks/peers/train_step_torch.py     # as SIO for .NET sets it

Not SIO's own loop, whose lists and per-image transforms cost more than they need to, but the best simple one: images stay in memory as
uint8, and a whole batch is drawn, cropped, flipped and normalised at once. The network works in place wherever ours does.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

BATCH = 128
REAL = int(BATCH * 0.8)
PADDING = 4


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn1(self.conv1(x)).relu_()
        y = self.bn2(self.conv2(y))
        y += x if self.shortcut is None else self.shortcut(x)
        return y.relu_()


class ResNet18(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        stages = ((64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2))
        self.layers = nn.Sequential(*(nn.Sequential(Block(i, o, s), Block(o, o, 1)) for i, o, s in stages))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = self.layers(self.bn1(self.conv1(x)).relu_())
        return self.fc(functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Source:
    """Random uint8 images in memory, walked through by one permutation after another."""

    def __init__(self, count):
        # Padded once for all: a crop is then a plain index.
        self.images = functional.pad(torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8), (PADDING,) * 4)
        self.labels = torch.randint(0, 10, (count,))
        self.order = torch.randperm(count)
        self.at = 0

    def take(self, count):
        if self.at + count > len(self.order):
            self.order, self.at = torch.randperm(len(self.order)), 0
        self.at += count
        return self.order[self.at - count : self.at]


def make_batch(real, synthetic):
    parts = [(source, source.take(count)) for source, count in ((real, REAL), (synthetic, BATCH - REAL))]
    images = torch.cat([source.images[chosen] for source, chosen in parts])
    labels = torch.cat([source.labels[chosen] for source, chosen in parts])
    side = torch.arange(32)
    rows = torch.randint(0, 2 * PADDING + 1, (BATCH, 1)) + side
    columns = torch.randint(0, 2 * PADDING + 1, (BATCH, 1)) + side
    columns = torch.where(torch.rand(BATCH, 1) < 0.5, columns, columns.flip(1))
    images = images[torch.arange(BATCH)[:, None, None, None], torch.arange(3)[None, :, None, None], rows[:, None, :, None], columns[:, None, None, :]]
    return images.float().div_(255).sub_(0.5).div_(0.25), labels


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--steps", type=int, default=8)
    options.add_argument("--warm-up", type=int, default=2)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--bare", action="store_true", help="the same batch again and again")
    options = options.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model = ResNet18()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    real, synthetic = Source(10_000), Source(10_000)
    batch = make_batch(real, synthetic)
    seconds, loading = [], []
    for i in range(options.warm_up + options.steps):
        start = time.perf_counter()
        images, labels = batch if options.bare else make_batch(real, synthetic)
        loaded = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        logits = model(images)
        loss = functional.cross_entropy(logits, labels)
        loss.item()
        loss.backward()
        optimizer.step()
        (logits.detach().argmax(1) == labels).sum().item()
        if i >= options.warm_up:
            seconds.append(time.perf_counter() - start)
            loading.append(loaded - start)
    median = statistics.median(seconds)
    print(
        f"Python, torch {torch.__version__}, batch {BATCH}, {options.threads} threads, {'bare step' if options.bare else 'with loader'}, "
        f"{options.steps} steps: median {BATCH / median:.2f} images/s, fastest {BATCH / min(seconds):.2f}; median step {1000 * median:.1f} ms, "
        f"of it {1000 * statistics.median(loading):.1f} ms for the batch"
    )


if __name__ == "__main__":
    main()
