"""Makes torch_files/*.pth with torch.save: run with Debian's python3-torch, /usr/bin/python3 make_torch_files.py"""
import collections
import os
import pickle

import torch

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch_files")
os.makedirs(here, exist_ok=True)


def save(name, value, **kwargs):
    torch.save(value, os.path.join(here, name), **kwargs)


torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
with torch.no_grad():
    net[0].weight.copy_(torch.arange(6.0).reshape(3, 2))
save("state_dict.pth", net.state_dict())
base = torch.arange(12.0)
save("nested.pth", {
    "epoch": 7, "lr": 0.5, "name": "a", "flag": True, "none": None, "big": 1 << 40, "negative": -3,
    "state_dict": collections.OrderedDict([("w", torch.nn.Parameter(torch.ones(2)))]),
    "list": [torch.tensor([1, 2]), (torch.tensor(2.5, dtype=torch.float64),)],
    "view": base.reshape(3, 4)[1:, ::2], "transposed": base.reshape(3, 4).t(), "shared": base[4:6],
    "half": torch.tensor([1.5]).half(), "bf16": torch.tensor([-2.0]).bfloat16(), "bool": torch.tensor([True, False]),
    "u8": torch.tensor([255], dtype=torch.uint8), "i8": torch.tensor([-1], dtype=torch.int8), "i16": torch.tensor([-300], dtype=torch.int16),
    "i32": torch.tensor([1 << 20], dtype=torch.int32), "empty": torch.zeros(0, 3),
})
save("protocol4.pth", {"w": torch.ones(3)}, pickle_protocol=4)


class Evil:
    def __reduce__(self):
        return (os.system, ("touch /tmp/sio-evil",))


save("evil.pth", {"w": torch.ones(1), "x": Evil()})
save("module.pth", net)
save("old_format.pth", {"w": torch.ones(1)}, _use_new_zipfile_serialization=False)
with open(os.path.join(here, "plain_pickle.pth"), "wb") as f:
    pickle.dump({"a": 1}, f)
