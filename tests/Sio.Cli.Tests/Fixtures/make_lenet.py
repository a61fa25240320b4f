"""Makes lenet.ckpt: OpenOOD's LeNet-5 as torch.save writes its state dict. Run with Debian's python3-torch: /usr/bin/python3 make_lenet.py"""
import os

import torch
from torch import nn


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.block2 = nn.Sequential(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2))
        self.block3 = nn.Sequential(nn.Conv2d(16, 120, 5), nn.ReLU())
        self.classifier1 = nn.Linear(120, 84)
        self.fc = nn.Linear(84, 6)


torch.manual_seed(5)
torch.save(LeNet().state_dict(), os.path.join(os.path.dirname(os.path.abspath(__file__)), "lenet.ckpt"))
