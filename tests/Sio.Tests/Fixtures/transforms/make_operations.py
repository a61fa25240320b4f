"""Makes operations.json: what Pillow makes of small images. Run with any Python 3 that has Pillow; written with 9.4.0."""
import base64
import json
import random

from PIL import Image, ImageEnhance, ImageOps

BILINEAR = Image.Resampling.BILINEAR


def affine(image, matrix):
    return image.transform(image.size, Image.Transform.AFFINE, matrix, resample=BILINEAR)


OPERATIONS = {
    "auto_contrast": ([0], lambda im, a: ImageOps.autocontrast(im)),
    "equalize": ([0], lambda im, a: ImageOps.equalize(im)),
    "posterize": ([0, 1, 4, 6, 8], lambda im, a: ImageOps.posterize(im, int(a))),
    "rotate": ([0, 1, -3, 9, 14, -30], lambda im, a: im.rotate(a, resample=BILINEAR)),
    "solarize": ([0, 100, 136, 180.5, 256], lambda im, a: ImageOps.solarize(im, a)),
    "shear_x": ([0, 0.087, -0.14, 0.3], lambda im, a: affine(im, (1, a, 0, 0, 1, 0))),
    "shear_y": ([0.003, -0.087, 0.3], lambda im, a: affine(im, (1, 0, 0, a, 1, 0))),
    "translate_x": ([0, 1, -3, 20], lambda im, a: affine(im, (1, 0, a, 0, 1, 0))),
    "translate_y": ([2, -1, -20], lambda im, a: affine(im, (1, 0, 0, 0, 1, a))),
    "color": ([0, 0.1, 0.58, 1, 1.42], lambda im, a: ImageEnhance.Color(im).enhance(a)),
    "contrast": ([0, 0.1, 0.58, 1.42], lambda im, a: ImageEnhance.Contrast(im).enhance(a)),
    "brightness": ([0.1, 0.58, 1, 1.42], lambda im, a: ImageEnhance.Brightness(im).enhance(a)),
    "sharpness": ([0, 0.1, 0.58, 1.42], lambda im, a: ImageEnhance.Sharpness(im).enhance(a)),
}


def channels_first(image):
    return base64.b64encode(b"".join(band.tobytes() for band in image.split())).decode()


def images():
    draw = random.Random(5)
    for mode, width, height, kind in [
        ("RGB", 11, 9, "noise"), ("RGB", 17, 18, "ramps"), ("L", 10, 13, "noise"), ("L", 18, 17, "ramps"), ("RGB", 6, 5, "flat"), ("L", 24, 22, "narrow"),
    ]:
        count = width * height * len(mode)
        values = {
            "noise": lambda i: draw.randrange(256),
            "ramps": lambda i: min(255, (i * 7 % 251 + draw.randrange(40)) * (i % 3 + 1) // 2),
            "flat": lambda i: 77,
            "narrow": lambda i: draw.choice([90, 91, 95, 95, 95, 140]),
        }[kind]
        yield f"{mode} {kind}", Image.frombytes(mode, (width, height), bytes(values(i) for i in range(count)))


cases = []
for name, image in images():
    rows = [
        {"operation": operation, "amount": amount, "result": channels_first(apply(image, amount))}
        for operation, (amounts, apply) in OPERATIONS.items() for amount in amounts
    ]
    cases.append({"name": name, "channels": len(image.mode), "height": image.height, "width": image.width, "image": channels_first(image), "rows": rows})
with open("operations.json", "w") as file:
    json.dump(cases, file, indent=0)
