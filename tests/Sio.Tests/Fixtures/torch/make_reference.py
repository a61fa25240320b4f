"""Makes reference.json: what PyTorch itself computes. Run with Debian's python3-torch: /usr/bin/python3 make_reference.py"""
import json
import os

import torch
from torch import nn

out = {"torch": torch.__version__}

torch.manual_seed(0)
layers = {"linear": nn.Linear(5, 3), "conv": nn.Conv2d(2, 3, 3, stride=2, padding=1)}
out["initial"] = {f"{k}.{n}": v.flatten().tolist() for k, m in layers.items() for n, v in m.state_dict().items()}
g = torch.Generator().manual_seed(7)
out["generator"] = {"rand": torch.rand(3, generator=g).tolist(), "randn": torch.randn(20, generator=g).tolist(),
                    "randperm": torch.randperm(10, generator=g).tolist()}

# A small network: every layer of Sio.Nn, its output, loss and gradients, in training and in evaluation.
torch.manual_seed(1)
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3),
                    nn.ReLU(), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)).double()
x = torch.randn(5, 1, 12, 12, dtype=torch.float64)
y = torch.tensor([0, 2, 1, 1, 0])
state = {n: {"shape": list(v.shape), "values": v.flatten().tolist()} for n, v in net.state_dict().items()}
logits = net(x)
loss = nn.functional.cross_entropy(logits, y)
loss.backward()
after = {n: v.flatten().tolist() for n, v in net.state_dict().items() if "running" in n or "num_" in n}
grads = {n: p.grad.flatten().tolist() for n, p in net.named_parameters()}
net.eval()
out["network"] = {"state": state, "input": x.flatten().tolist(), "target": y.tolist(), "logits": logits.flatten().tolist(),
                  "loss": loss.item(), "gradients": grads, "buffers": after, "eval_logits": net(x).flatten().tolist(),
                  "smoothed_loss": nn.functional.cross_entropy(logits, y, label_smoothing=0.1).item()}

# Optimisers: given gradients, parameters after each step.
grad_steps = torch.randn(6, 4, dtype=torch.float64)
start = torch.randn(4, dtype=torch.float64)


def run(make):
    p = nn.Parameter(start.clone())
    opt = make([p])
    values = []
    for g in grad_steps:
        p.grad = g.clone()
        opt.step()
        values.append(p.detach().tolist())
    return values


out["optimisers"] = {
    "start": start.tolist(), "gradients": grad_steps.tolist(),
    "sgd": run(lambda p: torch.optim.SGD(p, 0.1)),
    "sgd_momentum": run(lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01)),
    "sgd_nesterov": run(lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01, nesterov=True)),
    "adam": run(lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.01)),
    "adamw": run(lambda p: torch.optim.AdamW(p, 0.01, betas=(0.8, 0.99), weight_decay=0.1)),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json"), "w") as f:
    json.dump(out, f)
    f.write("\n")
