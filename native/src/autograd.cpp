// The autograd engine: grad mode, gradients, backward.
#include "guard.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

using sio::guarded;
using torch::autograd::variable_list;

namespace {

variable_list gradient_list(const sio_tensor *gradient) {
    return gradient == nullptr ? variable_list() : variable_list{gradient->value};
}

} // namespace

extern "C" {

int sio_grad_mode_get(int32_t *on) {
    return guarded([&] { *on = at::GradMode::is_enabled() ? 1 : 0; });
}

int sio_grad_mode_set(int32_t on) {
    return guarded([&] { at::GradMode::set_enabled(on != 0); });
}

int sio_tensor_requires_grad(const sio_tensor *tensor, int32_t *yes) {
    return guarded([&] { *yes = tensor->value.requires_grad() ? 1 : 0; });
}

int sio_tensor_set_requires_grad(sio_tensor *tensor, int32_t on) {
    return guarded([&] { tensor->value.requires_grad_(on != 0); });
}

int sio_tensor_is_leaf(const sio_tensor *tensor, int32_t *yes) {
    return guarded([&] { *yes = tensor->value.is_leaf() ? 1 : 0; });
}

int sio_tensor_grad(const sio_tensor *tensor, sio_tensor **out) {
    return guarded([&] {
        const auto &grad = tensor->value.grad();
        *out = grad.defined() ? sio::box(grad) : nullptr;
    });
}

int sio_tensor_set_grad(sio_tensor *tensor, const sio_tensor *grad) {
    return guarded([&] {
        const auto &value = tensor->value;
        if (grad == nullptr) {
            value.mutable_grad() = at::Tensor();
            return;
        }
        // What Python checks; a tensor that is its own gradient would never be freed.
        const auto &given = grad->value;
        TORCH_CHECK(!given.is_same(value), "a tensor cannot be its own gradient");
        TORCH_CHECK(given.sizes() == value.sizes(), "the gradient has the shape ", given.sizes());
        TORCH_CHECK(given.scalar_type() == value.scalar_type(), "the gradient has the type ", given.scalar_type());
        TORCH_CHECK(given.device() == value.device(), "the gradient is on ", given.device());
        value.mutable_grad() = given;
    });
}

int sio_backward(const sio_tensor *output, const sio_tensor *gradient, int32_t retain_graph, int32_t create_graph) {
    return guarded([&] {
        torch::autograd::backward({output->value}, gradient_list(gradient), retain_graph != 0, create_graph != 0);
    });
}

int sio_gradients(
    const sio_tensor *output, const sio_tensor *gradient, sio_tensor *const *inputs, int32_t count, int32_t retain_graph,
    int32_t create_graph, int32_t allow_unused, sio_tensor **out) {
    return guarded([&] {
        variable_list wanted;
        wanted.reserve(static_cast<size_t>(count));
        for (int32_t i = 0; i < count; ++i) {
            wanted.push_back(inputs[i]->value);
        }
        const auto gradients = torch::autograd::grad(
            {output->value}, wanted, gradient_list(gradient), retain_graph != 0, create_graph != 0, allow_unused != 0);
        std::vector<sio::Boxed> boxed;
        boxed.reserve(gradients.size());
        for (const auto &value : gradients) {
            boxed.emplace_back(value.defined() ? sio::box(value) : nullptr);
        }
        for (int32_t i = 0; i < count; ++i) {
            out[i] = boxed[static_cast<size_t>(i)].release();
        }
    });
}

} // extern "C"
