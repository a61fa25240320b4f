// The wall that no exception passes, and the boxes behind the handles.
#pragma once

#include <sio_torch.h>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <atomic>
#include <exception>

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
