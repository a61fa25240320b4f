// Stands between C# and libsio_torch.so and adds up, per thread, the time spent inside LibTorch's operators and backward. Whatever is not
// defined here the dynamic linker finds in libsio_torch.so itself, which this library is linked to:
//
//   g++ -O2 -shared -fPIC -Inative/include benchmarks/native/timed_calls.cpp -o build/libsio_timed.so -Wl,--no-as-needed
//       -Lbuild/native -lsio_torch -Wl,-rpath,$PWD/build/native
//   SIO_NATIVE=$PWD/build/libsio_timed.so sio-bench step
#include <sio_torch.h>

#include <chrono>
#include <dlfcn.h>

namespace {

using clock_type = std::chrono::steady_clock;

struct Totals {
    int64_t calls = 0;
    int64_t nanoseconds = 0;
};

thread_local Totals totals;

template <class Function>
Function *real(const char *name) {
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

template <class Body>
int timed(Body body) {
    const auto start = clock_type::now();
    const int status = body();
    totals.nanoseconds += std::chrono::duration_cast<std::chrono::nanoseconds>(clock_type::now() - start).count();
    ++totals.calls;
    return status;
}

} // namespace

extern "C" {

SIO_EXPORT void sio_timed_read(int64_t *calls, int64_t *nanoseconds) {
    *calls = totals.calls;
    *nanoseconds = totals.nanoseconds;
}

SIO_EXPORT int sio_operator_call(const sio_operator *op, const sio_value *arguments, int32_t count, sio_value *results, int32_t capacity) {
    static auto *const call = real<decltype(sio_operator_call)>("sio_operator_call");
    return timed([&] { return call(op, arguments, count, results, capacity); });
}

SIO_EXPORT int sio_backward(const sio_tensor *output, const sio_tensor *gradient, int32_t retain_graph, int32_t create_graph) {
    static auto *const call = real<decltype(sio_backward)>("sio_backward");
    return timed([&] { return call(output, gradient, retain_graph, create_graph); });
}

// The last handle of a tensor frees its memory, and the graph behind it: LibTorch's work as well.
SIO_EXPORT void sio_tensor_free(sio_tensor *tensor) {
    static auto *const call = real<decltype(sio_tensor_free)>("sio_tensor_free");
    timed([&] {
        call(tensor);
        return 0;
    });
}

} // extern "C"
