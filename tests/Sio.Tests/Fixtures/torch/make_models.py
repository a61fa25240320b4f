"""Makes small TorchScript files as users of Python bring them. Run with Debian's python3-torch, from a copy of this script, since its path is written into the files:

    cp make_models.py /tmp && /usr/bin/python3 /tmp/make_models.py models script/model.pt

Each takes images [N,C,H,W]; most return (logits, features) as they should, and some return something else.
"""
import os
import sys
from typing import Dict, List, Tuple

import torch
from torch import Tensor, nn

target, reference = sys.argv[1:]


def save(name, module):
    module.save(os.path.join(target, name + ".pt"))


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def trace(name, example, function):
    save(name, torch.jit.trace(Function(function).eval(), torch.zeros(example), check_trace=False))


# Any size of images will do for most of these: what is traced depends on no size.
trace("single", (2, 3, 4, 4), lambda x: x.flatten(1))
trace("flat", (2, 3, 4, 4), lambda x: (x.flatten(1), x.flatten()))
trace("rows", (2, 1, 4, 4), lambda x: (x.mean([1, 2]), x.flatten(1)))
trace("means", (2, 3, 32, 32), lambda x: (x.mean([2, 3]), x.mean([3]).flatten(1)))
trace("no_gradient", (2, 3, 32, 32), lambda x: (x.detach().mean([2, 3]), x.mean([3]).flatten(1)))
trace("two_images_only", (2, 3, 32, 32), lambda x: (x.flatten(1).narrow(1, 0, 10), x.reshape(2, -1)))


class Network(nn.Module):
    """Layers within layers, for names with dots."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        features = self.body(x)
        return self.fc(features), features


class Hidden(nn.Module):
    """A hidden layer without a bias, then the last one; features first where they are swapped."""

    def __init__(self, inputs, size, classes, step=1, swapped=False):
        super().__init__()
        self.inner = nn.Linear(inputs, size, bias=False)
        self.fc = nn.Linear(size, classes)
        self.step, self.swapped = step, swapped

    def forward(self, x):
        features = self.inner(x[:, :, :: self.step, :: self.step].flatten(1)).relu()
        logits = self.fc(features)
        return (features, logits) if self.swapped else (logits, features)


torch.manual_seed(1)
network = Network()
with torch.no_grad():
    # Running statistics as after training: at their first values batch norm would change nothing.
    network(torch.rand(16, 3, 8, 8))
network.eval()
traced = torch.jit.trace(network, torch.rand(2, 3, 8, 8))
save("network", traced)
save("network_frozen", torch.jit.freeze(traced))
save("hidden", torch.jit.trace(Hidden(784, 12, 6).eval(), torch.rand(2, 1, 28, 28)))
save("swapped", torch.jit.trace(Hidden(192, 6, 10, step=4, swapped=True).eval(), torch.rand(2, 3, 32, 32)))


class InList(nn.Module):
    def forward(self, x: Tensor) -> List[Tensor]:
        return [x.mean([2, 3]), x.flatten(1)]


class InDictionary(nn.Module):
    def forward(self, x: Tensor) -> Dict[str, Tensor]:
        return {"logits": x.mean([2, 3]), "features": x.flatten(1)}


class InNestedTuple(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        return x.mean([2, 3]), (x.flatten(1), x)


class WithNumber(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor, int]:
        return x.mean([2, 3]), x.flatten(1), x.size(0)


class Number(nn.Module):
    def forward(self, x: Tensor) -> int:
        return x.size(0)


class TwoInputs(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tuple[Tensor, Tensor]:
        return (x + y).mean([2, 3]), x.flatten(1)


class Raising(nn.Module):
    """Fails by its own words, which have a line break."""

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        if x.size(0) > 0:
            raise ValueError("no images of this kind:\nother ones")
        return x, x


save("list", torch.jit.script(InList()))
save("dictionary", torch.jit.script(InDictionary()))
save("nested", torch.jit.script(InNestedTuple()))
save("with_number", torch.jit.script(WithNumber()))
save("number", torch.jit.script(Number()))
save("two_inputs", torch.jit.script(TwoInputs()))
save("raising", torch.jit.script(Raising()))

# The model of script/ with its weights as constants of the program.
save("reference_frozen", torch.jit.freeze(torch.jit.load(reference).eval()))

# Traced in training mode, in which a program stays whatever it is told.
torch.manual_seed(2)
dropout = nn.Sequential(nn.Flatten(), nn.Dropout(0.5))
norm = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(3, affine=False, track_running_stats=False))
for name, inner in (("training_dropout", dropout), ("training_batch_norm", norm)):
    save(name, torch.jit.trace(Function(lambda x, inner=inner: (lambda f: (f[:, :2] * 2, f))(inner(x))).train(), torch.rand(4, 3, 4, 4), check_trace=False))
