// The wall that no exception passes, and the boxes behind the handles.
#pragma once

#include <sio_torch.h>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <atomic>
#include <exception>
#include <memory>

struct sio_tensor {
    at::Tensor value;
};

struct sio_generator {
    at::Generator value;
};

namespace sio {

// Handles of tensors that C# holds at this moment. Tests look at it: what a step takes, it gives back.
extern std::atomic<int64_t> live_tensors;

void set_error(const char *message) noexcept;

inline sio_tensor *box(at::Tensor tensor) {
    auto *handle = new sio_tensor{std::move(tensor)};
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return handle;
}

inline void unbox(sio_tensor *handle) noexcept {
    if (handle == nullptr) {
        return;
    }
    live_tensors.fetch_sub(1, std::memory_order_relaxed);
    delete handle;
}

struct Unboxing {
    void operator()(sio_tensor *handle) const noexcept { unbox(handle); }
};

// A handle on its way out, given back when something fails before it got there.
using Boxed = std::unique_ptr<sio_tensor, Unboxing>;

// LibTorch keeps a device's index in 8 bits: unchecked, cuda:256 would mean cuda:0.
inline at::Device device(int32_t type, int32_t index) {
    TORCH_CHECK(index >= -1 && index <= 127, "device index ", index, " is out of range");
    return at::Device(static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index));
}

template <class Body>
int guarded(Body &&body) noexcept {
    try {
        body();
        return 0;
    } catch (const c10::Error &error) {
        set_error(error.what_without_backtrace());
    } catch (const std::exception &error) {
        set_error(error.what());
    } catch (...) {
        set_error("unknown C++ exception");
    }
    return 1;
}

} // namespace sio
