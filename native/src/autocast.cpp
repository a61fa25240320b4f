// Mixed precision: which type LibTorch's autocast gives to operators that gain from a smaller one.
#include "guard.h"

#include <ATen/autocast_mode.h>
#include <torch/csrc/api/include/torch/version.h>

using sio::guarded;

namespace {

constexpr int32_t off = -1;

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)

int32_t current(at::DeviceType type) {
    return at::autocast::is_autocast_enabled(type) ? static_cast<int32_t>(at::autocast::get_autocast_dtype(type)) : off;
}

void enable(at::DeviceType type, at::ScalarType dtype) {
    at::autocast::set_autocast_dtype(type, dtype);
    at::autocast::set_autocast_enabled(type, true);
}

void disable(at::DeviceType type) { at::autocast::set_autocast_enabled(type, false); }

#else

bool is_cpu(at::DeviceType type) { return type == at::kCPU; }

int32_t current(at::DeviceType type) {
    if (is_cpu(type)) {
        return at::autocast::is_cpu_enabled() ? static_cast<int32_t>(at::autocast::get_autocast_cpu_dtype()) : off;
    }
    return at::autocast::is_enabled() ? static_cast<int32_t>(at::autocast::get_autocast_gpu_dtype()) : off;
}

void enable(at::DeviceType type, at::ScalarType dtype) {
    if (is_cpu(type)) {
        at::autocast::set_autocast_cpu_dtype(dtype);
        at::autocast::set_cpu_enabled(true);
    } else {
        at::autocast::set_autocast_gpu_dtype(dtype);
        at::autocast::set_enabled(true);
    }
}

void disable(at::DeviceType type) {
    if (is_cpu(type)) {
        at::autocast::set_cpu_enabled(false);
    } else {
        at::autocast::set_enabled(false);
    }
}

#endif

at::DeviceType known(int32_t device_type) {
    const auto type = static_cast<at::DeviceType>(device_type);
    TORCH_CHECK(type == at::kCPU || type == at::kCUDA, "autocast is offered for the CPU and for CUDA");
    return type;
}

} // namespace

extern "C" {

int sio_autocast_set(int32_t device_type, int32_t dtype, int32_t *before) {
    return guarded([&] {
        const auto type = known(device_type);
        *before = current(type);
        if (dtype == off) {
            disable(type);
        } else {
            const auto wanted = static_cast<at::ScalarType>(dtype);
            TORCH_CHECK(wanted == at::kBFloat16 || wanted == at::kHalf, "autocast is to bfloat16 or to float16");
            enable(type, wanted);
        }
        // Converted weights are kept for the length of a pass; after it they may have changed.
        at::autocast::clear_cache();
    });
}

} // extern "C"
