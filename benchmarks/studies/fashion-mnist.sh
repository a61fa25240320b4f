#!/usr/bin/env bash
# The study behind docs/results/synthetic-study.md: what a synthetic set needs in order to help. One factor at a time around
# recipes/study-fashion-mnist.yml, fifteen settings, three seeds each; what is done already is skipped, so it can be stopped and called again.
#
#   benchmarks/studies/fashion-mnist.sh GENERATOR MNIST OUT [WORKERS]
#
# GENERATOR: a run of recipes/generators/gan-fashion-mnist.yml with its snapshots. GENERATOR-own, where it is there: a run of a generator that has seen the 500 real images of the smallest
# setting alone: sio generate train recipes/generators/gan-fashion-mnist.yml --set data.train_images=500 --set training.steps=4500 --set threads=1
#   --set 'gan.augment=[color, translation, cutout]' --set 'training.keep_snapshots=[]' --out GENERATOR-own
# MNIST: a folder with MNIST's t10k files. WORKERS: runs at a time, each of one thread. SIO names the program; ./sio when left out.
# The set of other real images is written with Python's numpy.
set -euo pipefail
root=$(dirname -- "$(readlink -f -- "$0")")/../..
generator=$(readlink -f -- "$1") mnist=$(readlink -f -- "$2") out=$(mkdir -p "$3" && readlink -f -- "$3") workers=${4:-2}
sio=$(readlink -f -- "${SIO:-$root/sio}") recipe=$(readlink -f -- "$root/recipes/study-fashion-mnist.yml")
export sio recipe mnist out

once() { # FILE COMMAND...: makes the file unless it is there
    local file=$1; shift
    [ -e "$file" ] || { "$@" > "$file.log" 2>&1 || { echo "failed: $*; see $file.log" >&2; return 1; }; }
}

sample() { once "$out/$1.npz" "$sio" generate sample "$2" --per-class "$3" --seed 0 --out "$out/$1.npz" "${@:4}"; }

other_real() { # 9,000 training images that no classifier of the study trains on, with the data set's own labels
    "$sio" train "$recipe" --set training.epochs=1 --set data.validation_images=9000 --out "$out/others-run" --overwrite
    "$sio" extract "$out/others-run" --sets val --images --out "$out/others-bank"
    /usr/bin/python3 - "$out" <<'PY'
import sys, numpy
bank = sys.argv[1] + "/others-bank/"
numbering = numpy.array([0, 1, 2, 5, 7, 8])
images = numpy.load(bank + "val_images.npy")
labels = numbering[numpy.load(bank + "val_labels.npy")]
assert images.dtype == numpy.uint8 and len(images) == len(labels) == 9000, (images.dtype, images.shape)
numpy.savez_compressed(sys.argv[1] + "/other-real.npz", images=images.reshape(-1, 28, 28, 1), labels=labels.astype(numpy.int64))
PY
}
export -f other_real

sample last "$generator" 1500
sample count-x0.25 "$generator" 375
sample count-x4 "$generator" 6000
sample early "$generator" 1500 --snapshot 450
sample middle "$generator" 1500 --snapshot 2700
once "$out/filtered.npz" "$sio" generate inspect "$out/last.npz" --against fashion_mnist_6_4 --no-training --out "$out/inspect" \
    --keep-agreeing --drop-copies --quality-top 0.8 --write "$out/filtered.npz"
once "$out/other-real.npz" bash -c other_real
if [ -d "$generator-own" ]; then sample own-500 "$generator-own" 1500; fi

run() { # SETTING SEED SYNTHETIC RATIO OVERRIDES...
    local folder=$out/runs/$1/seed$2 arguments=(--seed "$2" --set "name=$1" --out "$out/runs/$1/seed$2" --resume) key
    [ "$3" = none ] || arguments+=(--synthetic "$out/$3.npz" --real-ratio "$4")
    for key in "${@:5}"; do arguments+=(--set "$key"); done
    [ -e "$folder/results.json" ] && return
    mkdir -p "$folder"
    if "$sio" train "$recipe" "${arguments[@]}" > "$folder.log" 2>&1 && "$sio" evaluate "$folder" --mnist "$mnist" >> "$folder.log" 2>&1
    then echo "$1 seed $2"; else echo "FAILED $1 seed $2; see $folder.log" >&2; return 1; fi
}
export -f run

{
    for seed in 0 1 2; do
        # The numbers of epochs at 500 and 6,000 images give as many steps as 40 epochs of 2,000: 640 and 658.
        cat <<LIST
real-2000 $seed none 1
base $seed last 0.8
ratio-0.9 $seed last 0.9
ratio-0.5 $seed last 0.5
count-x0.25 $seed count-x0.25 0.8
count-x4 $seed count-x4 0.8
gan-early $seed early 0.8
gan-middle $seed middle 0.8
filtered $seed filtered 0.8
perfect $seed other-real 0.8
real-500 $seed none 1 data.train_images=500 training.epochs=160
sio-500 $seed last 0.8 data.train_images=500 training.epochs=160
real-6000 $seed none 1 data.train_images=6000 training.epochs=14
sio-6000 $seed last 0.8 data.train_images=6000 training.epochs=14
LIST
        if [ -e "$out/own-500.npz" ]; then echo "gan-own-500 $seed own-500 0.8 data.train_images=500 training.epochs=160"; fi
    done
} | xargs -P "$workers" -L 1 bash -c 'run "$@"' run
