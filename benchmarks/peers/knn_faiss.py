#!/usr/bin/python3
"""Times FAISS's flat index (exact search) on what `sio-bench knn` does: 50,000 x 512 features fitted, 10,000 queries, k = 50.

    apt-get install -y python3-faiss libopenblas0-pthread
    /usr/bin/python3 benchmarks/peers/knn_faiss.py [--runs N] [--threads N]

Queries are normalised within the timed part, as in SIO's detector and in OpenOOD's. The same kind of features: normal around a hundred class means.
"""

import argparse
import os
import statistics
import time

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name, value in (("runs", 3), ("threads", 2), ("fit", 50_000), ("queries", 10_000), ("size", 512), ("k", 50)):
    options.add_argument("--" + name, type=int, default=value)
options = options.parse_args()

# Before the libraries are loaded: OpenBLAS reads it then.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)

import faiss  # noqa: E402
import numpy as np  # noqa: E402


def normalize(features):
    return (features / np.linalg.norm(features, axis=1, keepdims=True) + 1e-10).astype(np.float32)


def draw(random, means, count):
    return (random.standard_normal((count, means.shape[1])) + means[np.arange(count) % len(means)]).astype(np.float32)


def main():
    faiss.omp_set_num_threads(options.threads)
    random = np.random.default_rng(1)
    means = random.standard_normal((100, options.size))
    train = draw(random, means, options.fit)
    test = draw(random, means, options.queries)
    start = time.perf_counter()
    index = faiss.IndexFlatL2(options.size)
    index.add(normalize(train))
    print(f"fit {time.perf_counter() - start:.3f} s")
    times, cpu = [], []
    for _ in range(options.runs + 1):
        start, before = time.perf_counter(), time.process_time()
        distances, _ = index.search(normalize(test), options.k)
        scores = -distances[:, -1]
        times.append(time.perf_counter() - start)
        cpu.append(time.process_time() - before)
    rest = times[1:]
    clock = f"{statistics.median(rest):.3f} s median, {min(rest):.3f} fastest, {times[0]:.3f} first"
    print(f"score {clock}; CPU {min(cpu):.3f} s fewest; mean score {scores.mean():.6f}")
    blas = sorted({line.split()[-1] for line in open("/proc/self/maps") if "blas" in line})
    print("BLAS:", *blas)


if __name__ == "__main__":
    main()
