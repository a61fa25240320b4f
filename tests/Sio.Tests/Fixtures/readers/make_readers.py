"""Makes the files that the readers' tests read: /usr/bin/python3 make_readers.py, with Debian's python3-numpy and python3-scipy."""
import os
import pickle
import struct

import numpy as np
import scipy.io

here = os.path.dirname(os.path.abspath(__file__))


def write(name, data):
    with open(os.path.join(here, name), "wb") as file:
        file.write(data)


# Image i of a batch: pixel j is (7 i + 3 j) mod 256; three images with the labels 6, 9, 1.
data = ((7 * np.arange(3)[:, None] + 3 * np.arange(3072)[None, :]) % 256).astype(np.uint8)
labels = [6, 9, 1]

for protocol in (2, 3, 4):
    batch = {b"batch_label": b"training batch 1 of 5", b"labels": labels, b"data": data, b"filenames": [b"a.png", b"b.png", b"c.png"]}
    write(f"cifar-python-p{protocol}.pkl", pickle.dumps(batch, protocol=protocol))


def short(text):  # SHORT_BINSTRING, which only Python 2 writes
    return b"U" + bytes([len(text)]) + text


# As Python 2's cPickle wrote the official batches, opcode by opcode.
raw = data.tobytes()
write("cifar-python-2.pkl", b"".join([
    b"\x80\x02}q\x01(", short(b"batch_label"), b"q\x02", short(b"training batch 1 of 5"), b"q\x03",
    short(b"labels"), b"q\x04]q\x05(K\x06K\x09K\x01e", short(b"data"), b"q\x06",
    b"cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85q\x09", short(b"b"), b"\x87q\x0aRq\x0b",
    b"(K\x01K\x03M\x00\x0c\x86q\x0ccnumpy\ndtype\nq\x0d", short(b"u1"), b"K\x00K\x01\x87q\x0eRq\x0f",
    b"(K\x03", short(b"|"), b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb", b"\x89T", struct.pack("<i", len(raw)), raw, b"tb",
    short(b"filenames"), b"]q\x10(", short(b"a.png"), short(b"b.png"), short(b"c.png"), b"eu.",
]))


class Evil:
    def __reduce__(self):
        return (os.system, ("touch /tmp/sio-evil-cifar",))


write("cifar-python-evil.pkl", pickle.dumps({b"labels": labels, b"data": data, b"x": Evil()}, protocol=2))
write("cifar-python-object.pkl", pickle.dumps({b"labels": labels, b"data": np.array([None, 1], dtype=object)}, protocol=2))
write("cifar-python-float.pkl", pickle.dumps({b"labels": labels, b"data": data.astype(np.float32)[:, :8]}, protocol=2))

# X[row, column, channel, n] is (3 row + 5 column + 70 channel + 11 n) mod 256; the labels 10, 1, 2, 9.
r, c, k, n = np.ogrid[:32, :32, :3, :4]
x = ((3 * r + 5 * c + 70 * k + 11 * n) % 256).astype(np.uint8)
y = np.array([[10], [1], [2], [9]], dtype=np.uint8)
scipy.io.savemat(os.path.join(here, "svhn.mat"), {"note": "text", "X": x, "y": y}, do_compression=True)
scipy.io.savemat(os.path.join(here, "svhn-plain.mat"), {"X": x[..., :2], "y": y[:2].astype(np.float64)}, do_compression=False)
scipy.io.savemat(os.path.join(here, "svhn-one.mat"), {"X": x[..., 0], "y": np.array([[7]], dtype=np.int32)}, do_compression=True)
scipy.io.savemat(os.path.join(here, "svhn-float.mat"), {"X": x.astype(np.float32), "y": y}, do_compression=True)
scipy.io.savemat(os.path.join(here, "svhn-labels.mat"), {"X": x, "y": y + 1}, do_compression=True)
