// The calls of `sio-bench ops`, straight from C++ into LibTorch: what the kernels and the dispatcher cost by themselves.
//
//   g++ -O2 -std=c++17 -I/usr/include/torch/csrc/api/include benchmarks/peers/ops_torch.cpp -o build/ops_torch -ltorch -ltorch_cpu -lc10
//   build/ops_torch
#include <ATen/Parallel.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

template <class Call>
void measure(const char *name, int rounds, int calls, Call call) {
    std::vector<double> nanoseconds;
    for (int round = 0; round <= rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; ++i) {
            call();
        }
        const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
        if (round > 0) { // the first warms up
            nanoseconds.push_back(elapsed.count() / calls);
        }
    }
    std::sort(nanoseconds.begin(), nanoseconds.end());
    std::printf("%-8s %8.0f %8.0f   (ns per call: median, fastest)\n", name, nanoseconds[nanoseconds.size() / 2], nanoseconds[0]);
}

int main() {
    constexpr int rounds = 15;
    constexpr int calls = 20000;
    constexpr int length = 62;
    at::set_num_threads(1);
    at::Tensor x = at::ones({1});
    const at::Tensor y = at::ones({1});
    const at::Tensor image = at::ones({1, 1, 3, 3});
    const at::Tensor kernel = at::ones({1, 1, 3, 3});
    std::vector<at::Tensor> many, steps;
    for (int i = 0; i < length; ++i) {
        many.push_back(at::ones({1}));
        steps.push_back(at::zeros({1}));
    }
    measure("add_", rounds, calls, [&] { x.add_(y); });
    measure("relu", rounds, calls, [&] { at::relu(x); });
    measure("detach", rounds, calls, [&] { x.detach(); });
    measure("view", rounds, calls, [&] { x.view({1}); });
    measure("conv2d", rounds, calls, [&] { at::conv2d(image, kernel, {}, 1, 1); });
    measure("add_62", rounds, calls / 10, [&] { at::_foreach_add_(many, steps, 1); });
}
