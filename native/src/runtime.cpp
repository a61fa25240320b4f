// The library itself: errors, version, threads, devices, determinism.
#include "guard.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/csrc/api/include/torch/version.h>

#include <dlfcn.h>

#include <cstdlib>
#include <string>

namespace sio {

std::atomic<int64_t> live_tensors{0};

namespace {
thread_local std::string last_error;

std::string path_of(void *symbol) {
    Dl_info info;
    if (symbol == nullptr || dladdr(symbol, &info) == 0 || info.dli_fname == nullptr) {
        return std::string();
    }
    return info.dli_fname;
}

template <class Text>
const char *keep(std::string &storage, Text &&make) noexcept {
    try {
        storage = make();
    } catch (...) {
        storage.clear();
    }
    return storage.c_str();
}
} // namespace

void set_error(const char *message) noexcept {
    try {
        last_error = message;
    } catch (...) {
        last_error.clear(); // no memory left for the message; an empty one is still an error
    }
}

} // namespace sio

using sio::guarded;

extern "C" {

const char *sio_last_error(void) { return sio::last_error.c_str(); }

int32_t sio_abi_version(void) { return SIO_ABI_VERSION; }

const char *sio_torch_version(void) { return TORCH_VERSION; }

const char *sio_build_config(void) {
    thread_local std::string text;
    return sio::keep(text, [] { return at::show_config() + "\n" + at::get_parallel_info(); });
}

const char *sio_cpu_capability(void) {
    thread_local std::string text;
    // LibTorch offers the capability in use only inside this report, on a line of its own.
    return sio::keep(text, [] {
        const std::string report = at::show_config();
        const std::string marker = "CPU capability usage: ";
        const auto start = report.find(marker);
        if (start == std::string::npos) {
            return std::string();
        }
        const auto from = start + marker.size();
        return report.substr(from, report.find('\n', from) - from);
    });
}

const char *sio_library_path(void) {
    thread_local std::string text;
    return sio::keep(text, [] { return sio::path_of(reinterpret_cast<void *>(&at::show_config)); });
}

const char *sio_blas_path(void) {
    thread_local std::string text;
    return sio::keep(text, [] { return sio::path_of(dlsym(RTLD_DEFAULT, "sgemm_")); });
}

int64_t sio_live_tensors(void) { return sio::live_tensors.load(std::memory_order_relaxed); }

int sio_set_num_threads(int32_t threads) {
    return guarded([&] {
        at::set_num_threads(threads);
        // Debian's OpenBLAS keeps a thread pool of its own, which LibTorch does not know of.
        using set_threads = void (*)(int);
        auto *openblas = reinterpret_cast<set_threads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
        if (openblas != nullptr) {
            openblas(threads);
        }
    });
}

int sio_get_num_threads(int32_t *threads) {
    return guarded([&] { *threads = at::get_num_threads(); });
}

int sio_cuda_device_count(int32_t *count) {
    // CUDAHooks has getNumGPUs in 1.x, deviceCount in 2.x (with the other deprecated); the guard's count is in both.
    return guarded([&] {
        constexpr auto cuda = c10::DeviceType::CUDA;
        *count = c10::impl::hasDeviceGuardImpl(cuda) ? c10::impl::getDeviceGuardImpl(cuda)->deviceCount() : 0;
    });
}

int sio_set_deterministic(int32_t on) {
    return guarded([&] {
        auto &context = at::globalContext();
        if (on != 0) {
            // Without it LibTorch refuses every matrix product on a GPU; cuBLAS reads it at its first use.
            setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
        }
        context.setDeterministicAlgorithms(on != 0, /*warn_only=*/false);
        context.setDeterministicCuDNN(on != 0);
        context.setBenchmarkCuDNN(on == 0);
    });
}

int sio_set_flush_denormal(int32_t on, int32_t *supported) {
    return guarded([&] { *supported = at::globalContext().setFlushDenormal(on != 0) ? 1 : 0; });
}

} // extern "C"
