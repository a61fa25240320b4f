"""Makes the JPEG and PNG files of this folder and decoding.npz: what PIL decodes them to.

    /usr/bin/python3 make_decoding.py

Needs Debian 12's python3-pil (9.4), python3-numpy and libjpeg-turbo-progs (cjpeg). decoding.npz has NAME.rgb (H, W, 3) and NAME.l (H, W), the results of
convert('RGB') and convert('L'), for every file. PIL cuts the values of 16-bit grey files off at 255, which leaves a white picture; for those the high byte is
expected instead, as PIL takes it for 16-bit colours. What is not in the file is drawn here, so that no picture of others is copied.
"""
import io
import os
import struct
import subprocess
import zlib

import numpy as np
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(6)
H, W = 29, 43
y, x = np.mgrid[0:H, 0:W]


def picture(channels):
    """Gradients, a disc with a hard edge and some noise, 16 bits deep."""
    planes = []
    for c in range(channels):
        plane = (x * (300 + 500 * c) + y * (900 - 200 * c)) % 65536
        disc = (x - 12 - 5 * c) ** 2 + (y - 13) ** 2 < 80
        plane = np.where(disc, 60000 - 9000 * c, plane) + random.integers(0, 4000, (H, W))
        planes.append(np.clip(plane, 0, 65535))
    return np.stack(planes, -1).astype(np.uint16)


deep = picture(4)
rgb = (deep[..., :3] >> 8).astype(np.uint8)
files = {}


def jpeg(name, image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    files[name + ".jpg"] = buffer.getvalue()


def cjpeg(name, *options):
    ppm = b"P6 %d %d 255\n" % (W, H) + rgb.tobytes()
    files[name + ".jpg"] = subprocess.run(["cjpeg", *options], input=ppm, stdout=subprocess.PIPE, check=True).stdout


colour = Image.fromarray(rgb)
jpeg("yuv444", colour, quality=95, subsampling=0)
jpeg("yuv422", colour, quality=80, subsampling=1)
jpeg("yuv420", colour, quality=60, subsampling=2)
jpeg("progressive", colour, quality=75, progressive=True)
jpeg("grey", colour.convert("L"), quality=85)
jpeg("cmyk", Image.fromarray((deep >> 8).astype(np.uint8), "CMYK"), quality=90)
cmyk = bytearray(files["cmyk.jpg"])
adobe = cmyk.index(b"Adobe")
assert cmyk[adobe + 11] == 0
cmyk[adobe + 11] = 2  # the same bytes read as YCCK
files["ycck.jpg"] = bytes(cmyk)
exif = Image.Exif()
exif[0x0112] = 6  # to be turned by 90 degrees, which neither PIL's convert nor the readers of the benchmarks do
jpeg("turned", colour, quality=75, exif=exif)
cjpeg("stored-rgb", "-rgb", "-quality", "80")
cjpeg("odd-sampling", "-sample", "3x1", "-quality", "80")
cjpeg("yuv440", "-sample", "1x2", "-quality", "80")
cjpeg("yuv411", "-sample", "4x1", "-quality", "80")
cjpeg("arithmetic", "-arithmetic", "-quality", "80")
cjpeg("restarts", "-restart", "1", "-quality", "80")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rows(samples, depth):
    """The scan lines of (H, W, C) samples: filters by turns, packed below 8 bits."""
    lines, width = [], samples.shape[1]
    if depth == 16:
        lines = samples.astype(">u2").reshape(samples.shape[0], -1).view(np.uint8)
    elif depth == 8:
        lines = samples.astype(np.uint8).reshape(samples.shape[0], -1)
    else:
        bits = np.unpackbits(samples.astype(np.uint8).reshape(-1, 1), axis=1)[:, 8 - depth:].reshape(samples.shape[0], width * depth)
        lines = np.packbits(bits, axis=1)
    step = max(1, depth * samples.shape[2] // 8)
    out, above = b"", np.zeros(lines.shape[1], np.int64)
    for number, line in enumerate(lines.astype(np.int64)):
        left = np.concatenate([np.zeros(step, np.int64), line])[:len(line)]
        corner = np.concatenate([np.zeros(step, np.int64), above])[:len(line)]
        p = left + above - corner
        distances = np.abs([p - left, p - above, p - corner])
        paeth = np.choose(np.argmin(distances, axis=0), [left, above, corner])
        kind = number % 5
        predicted = [0 * line, left, above, (left + above) // 2, paeth][kind]
        out += bytes([kind]) + ((line - predicted) % 256).astype(np.uint8).tobytes()
        above = line
    return out


def png(name, samples, depth, colour_type, before=b"", interlaced=False):
    samples = samples.reshape(H, W, -1)
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        data = b"".join(rows(samples[r::dr, c::dc], depth) for r, c, dr, dc in passes)
    else:
        data = rows(samples, depth)
    header = struct.pack(">IIBBBBB", W, H, depth, colour_type, 0, 0, int(interlaced))
    packed = zlib.compress(data, 9)
    files[name + ".png"] = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", packed[:300])
                            + (chunk(b"IDAT", packed[300:]) if len(packed) > 300 else b"") + chunk(b"IEND", b""))


def palette(entries, alpha=False):
    colours = random.integers(0, 256, (entries, 3)).astype(np.uint8).tobytes()
    return chunk(b"PLTE", colours) + (chunk(b"tRNS", bytes(range(entries))) if alpha else b"")


for depth in (1, 2, 4, 8, 16):
    png(f"grey{depth}", deep[..., 0] >> (16 - depth), depth, 0)
for depth in (1, 2, 4, 8):
    png(f"palette{depth}", deep[..., 1] >> (16 - depth), depth, 3, palette(2 ** depth))
png("palette-transparent", deep[..., 1] >> 8, 8, 3, palette(256, alpha=True))
png("grey-transparent", deep[..., 0] >> 8, 8, 0, chunk(b"tRNS", struct.pack(">H", 100)))
png("rgb8", deep[..., :3] >> 8, 8, 2)
png("rgb8-interlaced", deep[..., :3] >> 8, 8, 2, interlaced=True)
png("rgb8-transparent", deep[..., :3] >> 8, 8, 2, chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3)))
png("rgb8-gamma", deep[..., :3] >> 8, 8, 2, chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"cHRM", struct.pack(">8I", *[30000] * 8)))
png("rgb16", deep[..., :3], 16, 2)
png("rgb16-gamma", deep[..., :3], 16, 2, chunk(b"gAMA", struct.pack(">I", 45455)))
png("grey-alpha8", deep[..., [0, 3]] >> 8, 8, 4)
png("rgba8", deep >> 8, 8, 6)
png("grey-alpha16", deep[..., [0, 3]], 16, 4)
png("rgba16", deep, 16, 6)

arrays = {}
for name, data in files.items():
    with open(os.path.join(here, name), "wb") as file:
        file.write(data)
    image = Image.open(io.BytesIO(data))
    if name == "grey16.png":
        image = Image.fromarray((deep[..., 0] >> 8).astype(np.uint8))
    stem = name.rsplit(".", 1)[0]
    assert stem + ".rgb" not in arrays, stem
    arrays[stem + ".rgb"] = np.asarray(image.convert("RGB"))
    arrays[stem + ".l"] = np.asarray(image.convert("L"))
    print(f"{name:26} {len(data):6} bytes, PIL's mode {image.mode}")
np.savez_compressed(os.path.join(here, "decoding.npz"), **arrays)
