#!/usr/bin/python3
"""The calls of `sio-bench ops`, made from Python.

    apt-get install -y python3-torch
    /usr/bin/python3 benchmarks/peers/ops_torch.py
"""

import time

import torch

ROUNDS = 15
CALLS = 20_000
LENGTH = 62


def measure(name, calls, call):
    nanoseconds = []
    for round in range(ROUNDS + 1):
        start = time.perf_counter_ns()
        for _ in range(calls):
            call()
        if round > 0:  # the first warms up
            nanoseconds.append((time.perf_counter_ns() - start) / calls)
    nanoseconds.sort()
    print(f"{name:8} {nanoseconds[ROUNDS // 2]:8.0f} {nanoseconds[0]:8.0f}   (ns per call: median, fastest)", flush=True)


def main():
    torch.set_num_threads(1)
    x, y = torch.ones(1), torch.ones(1)
    image, kernel = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 3, 3)
    many = [torch.ones(1) for _ in range(LENGTH)]
    steps = [torch.zeros(1) for _ in range(LENGTH)]
    measure("add_", CALLS, lambda: x.add_(y))
    measure("relu", CALLS, lambda: torch.relu(x))
    measure("detach", CALLS, lambda: x.detach())
    measure("view", CALLS, lambda: x.view(1))
    measure("conv2d", CALLS, lambda: torch.conv2d(image, kernel, None, 1, 1))
    measure("add_62", CALLS // 10, lambda: torch._foreach_add_(many, steps, alpha=1))


if __name__ == "__main__":
    main()
