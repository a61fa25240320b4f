"""Makes the files of further kinds in this folder and formats.npz: what PIL decodes them to.

    /usr/bin/python3 make_formats.py

Needs Debian 12's python3-pil (9.4) and python3-numpy. formats.npz has NAME.rgb (H, W, 3) and NAME.l (H, W), the results of convert('RGB') and convert('L'), NAME being
the file's name without its ending. make_decoding.py makes the older files: JPEG and PNG of the usual kinds. What PIL cannot write is put together here byte by byte.
What is not in the file is drawn here, so that no picture of others is copied.
"""
import io
import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(12)
H, W = 29, 43
y, x = np.mgrid[0:H, 0:W]
files = {}


def picture(channels, shift=0):
    """Gradients, a disc with a hard edge and some noise."""
    planes = []
    for c in range(channels):
        plane = (x * (2 + c) + y * (4 - c) + 40 * c + shift) % 256
        disc = (x - 12 - 5 * c - shift) ** 2 + (y - 13) ** 2 < 80
        plane = np.where(disc, 235 - 35 * c, plane) + random.integers(0, 12, (H, W))
        planes.append(np.clip(plane, 0, 255))
    return np.stack(planes, -1).astype(np.uint8)


four = picture(4)
four[..., 3] = np.where(x < 9, 0, np.where(x > 33, 255, four[..., 3]))  # clear, part and full cover
colour = Image.fromarray(four[..., :3])
covered = Image.fromarray(four, "RGBA")
grey = Image.fromarray(four[..., 0])
few = colour.quantize(16, dither=0)
many = colour.quantize(200, dither=0)


def save(name, image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    files[name] = buffer.getvalue()


# JPEG. A profile that swaps red and green: whoever applies it gets other colours.
linear = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
at = {}
for i in range(struct.unpack(">I", linear[128:132])[0]):
    at[bytes(linear[132 + 12 * i:136 + 12 * i])] = struct.unpack(">I", linear[136 + 12 * i:140 + 12 * i])[0]
red, green = at[b"rXYZ"], at[b"gXYZ"]
linear[red:red + 20], linear[green:green + 20] = linear[green:green + 20], linear[red:red + 20]
profile = bytes(linear)

cmyk = Image.fromarray(picture(4), "CMYK")
save("cmyk-420.jpg", cmyk, "JPEG", quality=80, subsampling=2)
save("cmyk-progressive.jpg", cmyk, "JPEG", quality=80, progressive=True)
save("profile.jpg", colour, "JPEG", quality=85, icc_profile=profile)
save("profile-cmyk.jpg", cmyk, "JPEG", quality=85, icc_profile=profile)
save("profile-grey.jpg", grey, "JPEG", quality=85, icc_profile=profile)
save("progressive-420.jpg", colour, "JPEG", quality=60, progressive=True, subsampling=2)
save("progressive-grey.jpg", grey, "JPEG", quality=70, progressive=True)
save("one-pixel.jpg", colour.crop((3, 3, 4, 4)), "JPEG")
save("one-row.jpg", colour.crop((0, 3, 43, 4)), "JPEG", quality=70, subsampling=2)


def without_adobe(file):
    start = file.index(b"\xff\xee\x00\x0eAdobe")
    return file[:start] + file[start + 16:]


files["cmyk-no-adobe.jpg"] = without_adobe(files["cmyk-420.jpg"])
files["cmyk-no-adobe-progressive.jpg"] = without_adobe(files["cmyk-progressive.jpg"])
ycck = bytearray(files["cmyk-420.jpg"])
ycck[ycck.index(b"Adobe") + 11] = 2  # the same bytes read as YCCK
files["ycck-420.jpg"] = bytes(ycck)


# PNG: palettes of few bits with transparency, which PIL writes with the bits it needs, and what says how colours are meant.
def palette_png(name, bits, alpha, interlace=0):
    entries = 2 ** bits
    index = (four[..., 1] >> (8 - bits)).astype(np.uint8)

    def lines(samples):
        packed = np.packbits(np.unpackbits(samples.reshape(-1, 1), axis=1)[:, 8 - bits:].reshape(samples.shape[0], -1), axis=1)
        return b"".join(b"\0" + line.tobytes() for line in packed)

    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)] if interlace else [(0, 0, 1, 1)]
    data = b"".join(lines(index[r::dr, c::dc]) for r, c, dr, dc in passes)
    colours = random.integers(0, 256, (entries, 3)).astype(np.uint8).tobytes()
    png(name, bits, 3, data, chunk(b"PLTE", colours) + chunk(b"tRNS", alpha), interlace)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, bits, colour_type, data, before=b"", interlace=0):
    header = struct.pack(">IIBBBBB", W, H, bits, colour_type, 0, 0, interlace)
    files[name] = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def grey_png(name, bits, transparent):
    samples = (four[..., 2] >> (8 - bits)).astype(np.uint8)
    packed = np.packbits(np.unpackbits(samples.reshape(-1, 1), axis=1)[:, 8 - bits:].reshape(H, -1), axis=1)
    png(name, bits, 0, b"".join(b"\0" + line.tobytes() for line in packed), chunk(b"tRNS", struct.pack(">H", transparent)))


palette_png("palette1-transparent.png", 1, bytes([0, 255]))
palette_png("palette2-transparent.png", 2, bytes([255, 0, 128]))
palette_png("palette4-transparent.png", 4, bytes(range(0, 160, 10)))
palette_png("palette4-transparent-interlaced.png", 4, bytes([0]), 1)
grey_png("grey1-transparent.png", 1, 1)
grey_png("grey2-transparent.png", 2, 3)
grey_png("grey4-transparent.png", 4, 7)
save("profile.png", colour, "PNG", icc_profile=profile)
save("rgba8-profile.png", covered, "PNG", icc_profile=profile)
exif = Image.Exif()
exif[0x0112] = 6  # to be turned by 90 degrees, which PIL's convert does not
save("turned.png", colour, "PNG", exif=exif)

# WebP.
save("lossy.webp", colour, "WEBP", quality=70)
save("lossless.webp", colour, "WEBP", lossless=True)
save("lossy-alpha.webp", covered, "WEBP", quality=75)
save("lossless-alpha.webp", covered, "WEBP", lossless=True, exact=True)
save("lossless-alpha-cleared.webp", covered, "WEBP", lossless=True, exact=False)
save("lossy-profile.webp", colour, "WEBP", quality=80, icc_profile=profile)
save("lossless-turned.webp", colour, "WEBP", lossless=True, exif=exif.tobytes())
save("animated.webp", colour, "WEBP", save_all=True, append_images=[Image.fromarray(picture(3, 5)), Image.fromarray(picture(3, 11))], quality=80, duration=100)
save("animated-alpha.webp", covered, "WEBP", save_all=True, append_images=[colour.convert("RGBA")], lossless=True, duration=100)

# GIF.
save("palette.gif", many, "GIF")
save("palette16.gif", few, "GIF", interlace=0)
save("grey.gif", grey, "GIF")
save("bits.gif", grey.convert("1"), "GIF")
save("transparent.gif", few, "GIF", transparency=int(np.asarray(few)[15, 20]))
save("animated.gif", many, "GIF", save_all=True, append_images=[Image.fromarray(picture(3, 5)).quantize(200, dither=0)], duration=100, loop=0)


def block(data):
    return b"".join(bytes([len(part)]) + part for part in (data[i:i + 255] for i in range(0, len(data), 255))) + b"\0"


def lzw(indices, bits):
    """No compression at all: clear codes often enough that codes stay at one length."""
    out, value, filled = bytearray(), 0, 0

    def put(code):
        nonlocal value, filled
        value |= code << filled
        filled += bits + 1
        while filled >= 8:
            out.append(value & 255)
            value, filled = value >> 8, filled - 8

    for position, index in enumerate(indices):
        if position % (2 ** bits - 2) == 0:
            put(2 ** bits)
        put(int(index))
    put(2 ** bits + 1)
    if filled:
        out.append(value & 255)
    return bytes([bits]) + block(bytes(out))


def gif(name, screen, box, indices, bits, transparent=None, table=None, local=None, background=0):
    """A picture of its own place and size on a screen; colour tables for all pictures and for this one."""
    flags = 0x70 | (0x80 | (bits - 1) if table is not None else 0)
    file = b"GIF89a" + struct.pack("<HHBBB", *screen, flags, background, 0) + (table or b"")
    file += b"\x21\xfe" + block(b"a remark")
    if transparent is not None:
        file += b"\x21\xf9\x04" + struct.pack("<BHB", 1, 0, transparent) + b"\0"
    file += b"\x2c" + struct.pack("<HHHHB", *box, 0x80 | (bits - 1) if local is not None else 0) + (local or b"")
    files[name] = file + lzw(indices, bits) + b"\x3b"


colours = random.integers(1, 256, (16, 3)).astype(np.uint8).tobytes()
others = random.integers(1, 256, (16, 3)).astype(np.uint8).tobytes()
indices = (four[..., 0] >> 4).reshape(-1)
gif("table-of-its-own.gif", (W, H), (0, 0, W, H), indices, 4, table=colours, local=others)
gif("no-common-table.gif", (W, H), (0, 0, W, H), indices, 4, local=others)
gif("part-of-screen.gif", (W + 9, H + 7), (4, 5, W, H), indices, 4, table=colours, background=3)
gif("part-of-screen-transparent.gif", (W + 9, H + 7), (4, 5, W, H), indices, 4, transparent=5, table=colours, background=3)
gif("part-with-own-table.gif", (W + 9, H + 7), (4, 5, W, H), indices, 4, transparent=2, table=colours, local=others)
ramp = bytes(v for i in range(256) for v in (i, i, i))
gif("ramp-transparent.gif", (W + 2, H), (1, 0, W, H), four[..., 0].reshape(-1), 8, transparent=20, table=ramp)

# BMP.
save("rgb.bmp", colour, "BMP")
save("rgba.bmp", covered, "BMP")
save("grey.bmp", grey, "BMP")
save("palette.bmp", many, "BMP")
save("bits.bmp", grey.convert("1"), "BMP")


def bmp(name, bits, rows, compression=0, table=b"", masks=b"", top_down=False, header=40, used=None):
    """Rows from the top down as bytes without their padding, or data that is packed already."""
    if isinstance(rows, bytes):
        data = rows
    else:
        padded = [row + bytes(-len(row) % 4) for row in rows]
        data = b"".join(padded if top_down else reversed(padded))
    info = struct.pack("<IiiHHIIiiII", header, W, -H if top_down else H, 1, bits, compression, len(data), 2835, 2835, used or len(table) // 4, 0)
    if header > 40:
        info += (masks + bytes(header - 40))[:header - 40]
        masks = b""
    offset = 14 + len(info) + len(masks) + len(table)
    files[name] = b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + info + masks + table + data


def sixteen(red, green, blue):
    r, g, b = (four[..., c].astype(np.uint32) >> (8 - n) for c, n in enumerate((red, green, blue)))
    return [line.astype("<u2").tobytes() for line in (r << (green + blue)) | (g << blue) | b]


bgra = four[..., [2, 1, 0, 3]]
table16 = random.integers(0, 256, (16, 4)).astype(np.uint8)
table16[:, 3] = 0
nibbles = (four[..., 0] >> 4).astype(np.uint8)
bmp("top-down.bmp", 24, [line.tobytes() for line in four[..., [2, 1, 0]]], top_down=True)
bmp("rgb32.bmp", 32, [line.tobytes() for line in bgra])
bmp("rgb555.bmp", 16, sixteen(5, 5, 5))
bmp("rgb565.bmp", 16, sixteen(5, 6, 5), compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
bmp("masks32.bmp", 32, [line.tobytes() for line in bgra], compression=3, masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF))
bmp("masks32-alpha.bmp", 32, [line.tobytes() for line in bgra], compression=3, masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=108)
bmp("masks32-alpha-v5.bmp", 32, [line.tobytes() for line in four], compression=3, masks=struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000), header=124)
bmp("palette4.bmp", 4, [bytes((a << 4) | b for a, b in zip(line[::2], list(line[1::2]) + [0])) for line in nibbles.tolist()], table=table16.tobytes())
table256 = random.integers(0, 256, (256, 4)).astype(np.uint8)
table256[:, 3] = 0


def runs(samples):
    """RLE8: runs, and now and then values as they are."""
    out = b""
    for line in samples[::-1].tolist():
        at = 0
        while at < W:
            end = at
            while end < W and line[end] == line[at]:
                end += 1
            if end - at > 1 or W - at < 4:
                out += bytes([end - at, line[at]])
                at = end
            else:
                length = min(5, W - at)
                out += bytes([0, length]) + bytes(line[at:at + length]) + (b"\0" if length % 2 else b"")
                at += length
        out += b"\0\0"
    return out + b"\0\1"


bmp("runs8.bmp", 8, runs((four[..., 0] >> 3).astype(np.uint8)), compression=1, table=table256.tobytes())
# OS/2's older header has 16-bit sizes, and colours of three bytes.
core = struct.pack("<IHHHH", 12, W, H, 1, 8)
flat = b"".join(line.tobytes() + bytes(-W % 4) for line in four[::-1, :, 0])
three = table256[:, :3].tobytes()
files["os2.bmp"] = b"BM" + struct.pack("<IHHI", 14 + 12 + len(three) + len(flat), 0, 0, 14 + 12 + len(three)) + core + three + flat

arrays = {}
for name, data in files.items():
    with open(os.path.join(here, name), "wb") as file:
        file.write(data)
    image = Image.open(io.BytesIO(data))
    arrays[name + ".rgb"] = np.asarray(image.convert("RGB"))
    arrays[name + ".l"] = np.asarray(image.convert("L"))
    print(f"{name:34} {len(data):6} bytes, PIL's mode {image.mode}")
np.savez_compressed(os.path.join(here, "formats.npz"), **arrays)
