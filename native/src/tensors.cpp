// Tensor handles and their memory.
#include "guard.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <memory>

using sio::guarded;

extern "C" {

int sio_tensor_from_memory(
    void *data, const int64_t *sizes, int32_t dim, int32_t dtype, void (*release)(void *), void *context, sio_tensor **out) {
    return guarded([&] {
        // Whoever fails, release is called once: by the last copy of the deleter to go, or right here.
        const std::shared_ptr<void> owner(context, [release](void *held) {
            if (release != nullptr) {
                release(held);
            }
        });
        const auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        const at::IntArrayRef shape(sizes, static_cast<size_t>(dim));
        *out = sio::box(at::from_blob(data, shape, [owner](void *) {}, options));
    });
}

int sio_tensor_alias(const sio_tensor *tensor, sio_tensor **out) {
    return guarded([&] { *out = sio::box(tensor->value); });
}

void sio_tensor_free(sio_tensor *tensor) { sio::unbox(tensor); }

int sio_tensor_get_info(const sio_tensor *tensor, sio_tensor_info *info) {
    return guarded([&] {
        const auto &value = tensor->value;
        const auto device = value.device();
        const auto sizes = value.sizes();
        info->dtype = static_cast<int32_t>(value.scalar_type());
        info->device_type = static_cast<int32_t>(device.type());
        info->device_index = device.index();
        info->dim = static_cast<int32_t>(sizes.size());
        info->numel = value.numel();
        info->sizes = sizes.data();
    });
}

int sio_tensor_strides(const sio_tensor *tensor, int64_t *strides) {
    return guarded([&] {
        const auto values = tensor->value.strides();
        std::copy(values.begin(), values.end(), strides);
    });
}

int sio_tensor_data(const sio_tensor *tensor, void **data) {
    return guarded([&] { *data = tensor->value.data_ptr(); });
}

int sio_tensor_is_contiguous(const sio_tensor *tensor, int32_t memory_format, int32_t *yes) {
    return guarded([&] { *yes = tensor->value.is_contiguous(static_cast<at::MemoryFormat>(memory_format)) ? 1 : 0; });
}

int sio_tensor_is_same(const sio_tensor *a, const sio_tensor *b, int32_t *yes) {
    return guarded([&] { *yes = a->value.is_same(b->value) ? 1 : 0; });
}

} // extern "C"
