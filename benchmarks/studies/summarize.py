#!/usr/bin/env python3
"""Tables of docs/results/synthetic-study.md from the runs of fashion-mnist.sh: mean over seeds, and the difference to the setting's baseline, paired by seed, with its 95 % t-interval.

    benchmarks/studies/summarize.py OUT/runs [DETECTOR...]
"""
import json
import math
import pathlib
import statistics
import sys

T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}
BASELINE = {"sio-500": "real-500", "gan-own-500": "real-500", "sio-6000": "real-6000"}
ORDER = ["real-2000", "base", "ratio-0.9", "ratio-0.5", "count-x0.25", "count-x4", "gan-early", "gan-middle", "filtered", "perfect",
         "real-500", "sio-500", "gan-own-500", "real-6000", "sio-6000"]


def load(folder):
    runs = {}
    for path in sorted(folder.glob("*/seed*/results.json")):
        runs.setdefault(path.parts[-3], {})[path.parts[-2]] = json.loads(path.read_text())["arms"][0]["runs"][0]
    return runs


def value(result, detector, measure):
    if measure == "accuracy":
        return result["accuracy"]
    scores = result["detectors"][detector]
    return scores["sets"]["mnist"]["auroc"] if measure == "mnist" else scores[measure]["auroc"]


def cell(runs, setting, detector, measure):
    own = {seed: value(result, detector, measure) for seed, result in runs[setting].items()}
    mean = statistics.fmean(own.values())
    base = BASELINE.get(setting, "real-2000")
    if setting.startswith("real-") or base not in runs:
        return f"{mean:.1f}"
    differences = [own[seed] - value(runs[base][seed], detector, measure) for seed in own if seed in runs[base]]
    d, n = statistics.fmean(differences), len(differences)
    if n < 2:
        return f"{mean:.1f} ({d:+.1f})"
    half = T95[n - 1] * statistics.stdev(differences) / math.sqrt(n)
    return f"{mean:.1f} ({d:+.1f} [{d - half:+.1f}, {d + half:+.1f}])"


def main():
    runs = load(pathlib.Path(sys.argv[1]))
    detectors = sys.argv[2:] or ["msp", "mls", "ebo", "knn", "vim"]
    settings = [s for s in ORDER if s in runs]
    for measure, title in (("near", "Near-OOD AUROC (held-out classes)"), ("far", "Far-OOD AUROC (mean of five sets)"), ("mnist", "Far-OOD AUROC, MNIST alone")):
        print(f"\n**{title}**\n\n| setting | n | " + " | ".join(detectors) + " |\n|---|---|" + "---|" * len(detectors))
        for s in settings:
            print(f"| {s} | {len(runs[s])} | " + " | ".join(cell(runs, s, d, measure) for d in detectors) + " |")
    print("\n**ID accuracy**\n\n| setting | n | accuracy |\n|---|---|---|")
    for s in settings:
        print(f"| {s} | {len(runs[s])} | {cell(runs, s, None, 'accuracy')} |")


main()
