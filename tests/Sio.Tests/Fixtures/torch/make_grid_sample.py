"""Makes grid_sample.json: what PyTorch's grid_sample gives. Run with Debian's python3-torch: /usr/bin/python3 make_grid_sample.py"""
import json
import os

import torch

torch.manual_seed(5)
images = torch.randn(2, 2, 5, 4, dtype=torch.float64)
# Beyond the borders, too.
grid = torch.rand(2, 3, 6, 2, dtype=torch.float64) * 3 - 1.5
output = torch.nn.functional.grid_sample(images, grid, mode="bicubic", padding_mode="reflection", align_corners=False)
out = {"images": images.flatten().tolist(), "grid": grid.flatten().tolist(), "output": output.flatten().tolist()}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "grid_sample.json"), "w") as f:
    json.dump(out, f)
    f.write("\n")
