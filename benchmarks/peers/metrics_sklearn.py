#!/usr/bin/python3
"""Times OOD metrics as OpenOOD and SIO compute them, with scikit-learn: one roc_curve, two precision_recall_curve + auc.

    apt-get install -y python3-sklearn
    /usr/bin/python3 benchmarks/peers/metrics_sklearn.py [--runs N]

Same counts and kinds of values as `sio-bench metrics`: half ID, half OOD, normal scores with and without ties.
"""

import argparse
import statistics
import time

import numpy as np
from sklearn.metrics import auc, precision_recall_curve, roc_curve


def compute(scores, is_id):
    """The five figures; the negated score in place of `1 - conf`, so that the peer's rounding is left out."""
    fpr, tpr, _ = roc_curve(is_id, scores)
    fpr95 = fpr[np.argmax(tpr >= 0.95)]
    precision_in, recall_in, _ = precision_recall_curve(is_id, scores)
    precision_out, recall_out, _ = precision_recall_curve(1 - is_id, -scores)
    return auc(fpr, tpr), auc(recall_in, precision_in), auc(recall_out, precision_out), fpr95


def draw(count, values, dtype):
    random = np.random.default_rng(1)
    is_id = np.repeat([1, 0], count // 2)
    scores = random.standard_normal(count) + is_id
    if values == "ties":
        scores = scores.round(2)
    return scores.astype(dtype), is_id


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=3)
    runs = options.parse_args().runs
    print(f"{'scores':>10} {'type':7} {'values':8} {'median':>10} {'fastest':>10}   (ms)")
    for count in (1_000_000, 10_000_000):
        for values in ("normal", "ties"):
            for dtype, name in ((np.float32, "float"), (np.float64, "double")):
                scores, is_id = draw(count, values, dtype)
                times = []
                for _ in range(runs):
                    start = time.perf_counter()
                    compute(scores, is_id)
                    times.append(1000 * (time.perf_counter() - start))
                print(f"{count:10} {name:7} {values:8} {statistics.median(times):10.1f} {min(times):10.1f}", flush=True)


if __name__ == "__main__":
    main()
