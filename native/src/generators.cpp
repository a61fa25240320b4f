// Random generators with explicit seeds and states.
#include "guard.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

using sio::guarded;

extern "C" {

int sio_generator_new(int32_t device_type, int32_t device_index, uint64_t seed, sio_generator **out) {
    return guarded([&] {
        const at::Device device = sio::device(device_type, device_index);
        if (device.is_cpu()) {
            *out = new sio_generator{at::detail::createCPUGenerator(seed)};
            return;
        }
        // A copy of the device's own generator: the way to a new one that needs no CUDA header.
        at::Generator shared = at::globalContext().defaultGenerator(device);
        at::Generator copy;
        {
            std::lock_guard<std::mutex> lock(shared.mutex());
            copy = shared.clone();
        }
        copy.set_current_seed(seed);
        *out = new sio_generator{copy};
    });
}

void sio_generator_free(sio_generator *generator) { delete generator; }

int sio_generator_set_seed(sio_generator *generator, uint64_t seed) {
    return guarded([&] {
        std::lock_guard<std::mutex> lock(generator->value.mutex());
        generator->value.set_current_seed(seed);
    });
}

int sio_generator_get_state(sio_generator *generator, sio_tensor **out) {
    return guarded([&] {
        std::lock_guard<std::mutex> lock(generator->value.mutex());
        *out = sio::box(generator->value.get_state());
    });
}

int sio_generator_set_state(sio_generator *generator, const sio_tensor *state) {
    return guarded([&] {
        std::lock_guard<std::mutex> lock(generator->value.mutex());
        generator->value.set_state(state->value);
    });
}

int sio_manual_seed(uint64_t seed) {
    return guarded([&] { at::manual_seed(seed); });
}

} // extern "C"
