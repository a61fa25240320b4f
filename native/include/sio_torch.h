/* The C ABI between .NET and LibTorch. It knows tensors and operators, nothing of SIO.
 *
 * Every ATen operator goes through one door, sio_operator_call; the rest is what the dispatcher does not offer: tensor
 * handles and their memory, the autograd engine, TorchScript, random generators, threads and devices.
 *
 * Each function returns 0, or 1 after a failure whose message sio_last_error gives to the same thread. No C++ exception
 * leaves this library. Handles that come out are owned by the caller, who gives them back with the function named. */
#ifndef SIO_TORCH_H
#define SIO_TORCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIO_EXPORT __attribute__((visibility("default")))

/* Raised whenever a signature or a tag below changes; the C# side refuses a library of another number. */
#define SIO_ABI_VERSION 4

typedef struct sio_tensor sio_tensor;
typedef struct sio_operator sio_operator;
typedef struct sio_generator sio_generator;
typedef struct sio_script sio_script;

enum sio_tag {
    SIO_NONE = 0,        /* None; as a result also an undefined tensor */
    SIO_DEFAULT = 1,     /* what the operator's schema says when the argument is left out */
    SIO_TENSOR = 2,      /* p: sio_tensor* */
    SIO_INT = 3,         /* i; also dtype, layout and memory format */
    SIO_DOUBLE = 4,      /* d */
    SIO_BOOL = 5,        /* i: 0 or 1 */
    SIO_STRING = 6,      /* p: UTF-8 bytes, count of them */
    SIO_INT_LIST = 7,    /* p: int64_t[count] */
    SIO_DOUBLE_LIST = 8, /* p: double[count] */
    SIO_BOOL_LIST = 9,   /* p: uint8_t[count] */
    SIO_TENSOR_LIST = 10, /* p: sio_tensor*[count]; null entries are None. As a result: free with sio_list_free */
    SIO_GENERATOR = 11,  /* p: sio_generator* */
    SIO_DEVICE = 12      /* i: device type in the low 32 bits, index (-1: current) in the high ones */
};

typedef struct sio_value {
    int32_t tag;
    int32_t count;
    union {
        int64_t i;
        double d;
        void *p;
    };
} sio_value;

typedef struct sio_tensor_info {
    int32_t dtype; /* c10::ScalarType */
    int32_t device_type;
    int32_t device_index;
    int32_t dim;
    int64_t numel;
    const int64_t *sizes; /* [dim], valid while the tensor lives and is not resized */
} sio_tensor_info;

/* --- errors and the library itself --- */
SIO_EXPORT const char *sio_last_error(void);
SIO_EXPORT int32_t sio_abi_version(void);
SIO_EXPORT const char *sio_torch_version(void);
/* Text is kept by the library until the thread's next call of the same function. */
SIO_EXPORT const char *sio_build_config(void);
SIO_EXPORT const char *sio_cpu_capability(void);
SIO_EXPORT const char *sio_library_path(void); /* the LibTorch file that is loaded */
SIO_EXPORT const char *sio_blas_path(void);    /* the file that serves cblas/Fortran BLAS, empty if none */
SIO_EXPORT int64_t sio_live_tensors(void);

/* --- threads, devices, determinism --- */
SIO_EXPORT int sio_set_num_threads(int32_t threads);
SIO_EXPORT int sio_get_num_threads(int32_t *threads);
SIO_EXPORT int sio_cuda_device_count(int32_t *count);
SIO_EXPORT int sio_set_deterministic(int32_t on);
SIO_EXPORT int sio_set_flush_denormal(int32_t on, int32_t *supported);

/* --- operators --- */
SIO_EXPORT int sio_operator_find(const char *name, const char *overload, sio_operator **out);
SIO_EXPORT const char *sio_operator_schema(const sio_operator *op);
/* Arguments beyond `count` take their defaults. Up to `capacity` results are written; the others are dropped. */
SIO_EXPORT int sio_operator_call(
    const sio_operator *op, const sio_value *arguments, int32_t count, sio_value *results, int32_t capacity);
SIO_EXPORT void sio_list_free(void *list);

/* --- tensors --- */
/* `release`, which may be null, is called with `context` once: when the last tensor on the memory is gone, or on failure. */
SIO_EXPORT int sio_tensor_from_memory(
    void *data, const int64_t *sizes, int32_t dim, int32_t dtype, void (*release)(void *), void *context, sio_tensor **out);
SIO_EXPORT int sio_tensor_alias(const sio_tensor *tensor, sio_tensor **out);
SIO_EXPORT void sio_tensor_free(sio_tensor *tensor);
SIO_EXPORT int sio_tensor_get_info(const sio_tensor *tensor, sio_tensor_info *info);
SIO_EXPORT int sio_tensor_strides(const sio_tensor *tensor, int64_t *strides);
SIO_EXPORT int sio_tensor_data(const sio_tensor *tensor, void **data);
SIO_EXPORT int sio_tensor_is_contiguous(const sio_tensor *tensor, int32_t memory_format, int32_t *yes);
SIO_EXPORT int sio_tensor_is_same(const sio_tensor *a, const sio_tensor *b, int32_t *yes);

/* --- autograd --- */
SIO_EXPORT int sio_grad_mode_get(int32_t *on);
SIO_EXPORT int sio_grad_mode_set(int32_t on);
SIO_EXPORT int sio_tensor_requires_grad(const sio_tensor *tensor, int32_t *yes);
SIO_EXPORT int sio_tensor_set_requires_grad(sio_tensor *tensor, int32_t on);
SIO_EXPORT int sio_tensor_is_leaf(const sio_tensor *tensor, int32_t *yes);
SIO_EXPORT int sio_tensor_grad(const sio_tensor *tensor, sio_tensor **out); /* null where there is none */
SIO_EXPORT int sio_tensor_set_grad(sio_tensor *tensor, const sio_tensor *grad);
SIO_EXPORT int sio_backward(const sio_tensor *output, const sio_tensor *gradient, int32_t retain_graph, int32_t create_graph);
SIO_EXPORT int sio_gradients(
    const sio_tensor *output, const sio_tensor *gradient, sio_tensor *const *inputs, int32_t count, int32_t retain_graph,
    int32_t create_graph, int32_t allow_unused, sio_tensor **out);

/* --- mixed precision --- */
/* Turns autocast on for this thread and kind of device, with a c10::ScalarType, or off with -1; `before` gets what was. */
SIO_EXPORT int sio_autocast_set(int32_t device_type, int32_t dtype, int32_t *before);

/* --- random generators --- */
SIO_EXPORT int sio_generator_new(int32_t device_type, int32_t device_index, uint64_t seed, sio_generator **out);
SIO_EXPORT void sio_generator_free(sio_generator *generator);
SIO_EXPORT int sio_generator_set_seed(sio_generator *generator, uint64_t seed);
SIO_EXPORT int sio_generator_get_state(sio_generator *generator, sio_tensor **out);
SIO_EXPORT int sio_generator_set_state(sio_generator *generator, const sio_tensor *state);
/* Seeds the generators that operators use when none is given, on every device. */
SIO_EXPORT int sio_manual_seed(uint64_t seed);

/* --- TorchScript --- */
/* What tracing calls: it owns `input`, writes up to `capacity` handles, which stay its own and must live until
 * sio_script_trace returns, and their number. Returns 0, or 1 to give up. No exception may leave it. */
typedef int32_t (*sio_forward)(void *context, sio_tensor *input, sio_tensor **outputs, int32_t capacity, int32_t *count);

/* Onto the CPU, wherever the weights were when the file was written. */
SIO_EXPORT int sio_script_load(const char *path, sio_script **out);
SIO_EXPORT void sio_script_free(sio_script *script);
/* The outputs, one tensor or the elements of a tuple or list, are the caller's; free the array with sio_list_free. */
SIO_EXPORT int sio_script_forward(
    const sio_script *script, sio_tensor *const *inputs, int32_t count, sio_tensor ***outputs, int32_t *output_count);
/* These make another module: weights become constants (which wants evaluation mode), then what speeds up inference. */
SIO_EXPORT int sio_script_freeze(const sio_script *script, sio_script **out);
SIO_EXPORT int sio_script_optimize(const sio_script *script, sio_script **out);
SIO_EXPORT int sio_script_save(const sio_script *script, const char *path);
SIO_EXPORT int sio_script_eval(sio_script *script);
SIO_EXPORT int sio_script_to(sio_script *script, int32_t device_type, int32_t device_index);
/* Parameters and buffers, also those of submodules; they share the module's memory. The tensors are the caller's; free
 * the array with sio_list_free. `names` has a name per line, and is good until this thread's next call of this. */
SIO_EXPORT int sio_script_weights(const sio_script *script, sio_tensor ***tensors, const char **names, int32_t *count);
/* Records the operators that `forward` runs on this thread. The weights it uses become attributes of these names and
 * are shared, not copied; other tensors it uses become constants, which must not require gradients. */
SIO_EXPORT int sio_script_trace(
    sio_forward forward, void *context, const sio_tensor *example, const char *const *names, sio_tensor *const *weights,
    int32_t count, sio_script **out);

#ifdef __cplusplus
}
#endif
#endif
