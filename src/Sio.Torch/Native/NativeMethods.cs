using System.Runtime.InteropServices;

namespace Sio.Torch.Native;

/// <summary>The C ABI of <c>native/include/sio_torch.h</c>, function by function.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "sio_torch";

    static NativeMethods() => NativeLibraryLoader.Register();

    [LibraryImport(Library)]
    internal static partial byte* sio_last_error();

    [LibraryImport(Library)]
    internal static partial byte* sio_torch_version();

    [LibraryImport(Library)]
    internal static partial byte* sio_build_config();

    [LibraryImport(Library)]
    internal static partial byte* sio_cpu_capability();

    [LibraryImport(Library)]
    internal static partial byte* sio_library_path();

    [LibraryImport(Library)]
    internal static partial byte* sio_blas_path();

    [LibraryImport(Library)]
    internal static partial long sio_live_tensors();

    [LibraryImport(Library)]
    internal static partial int sio_set_num_threads(int threads);

    [LibraryImport(Library)]
    internal static partial int sio_get_num_threads(int* threads);

    [LibraryImport(Library)]
    internal static partial int sio_cuda_device_count(int* count);

    [LibraryImport(Library)]
    internal static partial int sio_set_deterministic(int on);

    [LibraryImport(Library)]
    internal static partial int sio_set_flush_denormal(int on, int* supported);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sio_operator_find(string name, string overload, nint* handle);

    [LibraryImport(Library)]
    internal static partial byte* sio_operator_schema(nint handle);

    [LibraryImport(Library)]
    internal static partial int sio_operator_call(nint handle, NativeValue* arguments, int count, NativeValue* results, int capacity);

    [LibraryImport(Library)]
    internal static partial void sio_list_free(nint list);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_from_memory(
        void* data, long* sizes, int dim, int dtype, delegate* unmanaged<nint, void> release, nint context, nint* tensor);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_alias(TensorHandle tensor, nint* alias);

    [LibraryImport(Library)]
    internal static partial void sio_tensor_free(nint tensor);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_get_info(TensorHandle tensor, NativeTensorInfo* info);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_strides(TensorHandle tensor, long* strides);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_data(TensorHandle tensor, void** data);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_is_contiguous(TensorHandle tensor, int memoryFormat, int* yes);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_is_same(TensorHandle a, TensorHandle b, int* yes);

    [LibraryImport(Library)]
    internal static partial int sio_grad_mode_get(int* on);

    [LibraryImport(Library)]
    internal static partial int sio_grad_mode_set(int on);

    [LibraryImport(Library)]
    internal static partial int sio_autocast_set(int deviceType, int dtype, int* before);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_requires_grad(TensorHandle tensor, int* yes);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_set_requires_grad(TensorHandle tensor, int on);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_is_leaf(TensorHandle tensor, int* yes);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_grad(TensorHandle tensor, nint* grad);

    [LibraryImport(Library)]
    internal static partial int sio_tensor_set_grad(TensorHandle tensor, nint grad);

    [LibraryImport(Library)]
    internal static partial int sio_backward(TensorHandle output, nint gradient, int retainGraph, int createGraph);

    [LibraryImport(Library)]
    internal static partial int sio_gradients(
        TensorHandle output, nint gradient, nint* inputs, int count, int retainGraph, int createGraph, int allowUnused, nint* gradients);

    [LibraryImport(Library)]
    internal static partial int sio_generator_new(int deviceType, int deviceIndex, ulong seed, nint* generator);

    [LibraryImport(Library)]
    internal static partial void sio_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial int sio_generator_set_seed(GeneratorHandle generator, ulong seed);

    [LibraryImport(Library)]
    internal static partial int sio_generator_get_state(GeneratorHandle generator, nint* state);

    [LibraryImport(Library)]
    internal static partial int sio_generator_set_state(GeneratorHandle generator, TensorHandle state);

    [LibraryImport(Library)]
    internal static partial int sio_manual_seed(ulong seed);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sio_script_load(string path, nint* script);

    [LibraryImport(Library)]
    internal static partial void sio_script_free(nint script);

    [LibraryImport(Library)]
    internal static partial int sio_script_forward(ScriptHandle script, nint* inputs, int count, nint** outputs, int* outputCount);

    [LibraryImport(Library)]
    internal static partial int sio_script_freeze(ScriptHandle script, nint* frozen);

    [LibraryImport(Library)]
    internal static partial int sio_script_optimize(ScriptHandle script, nint* optimized);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sio_script_save(ScriptHandle script, string path);

    [LibraryImport(Library)]
    internal static partial int sio_script_eval(ScriptHandle script);

    [LibraryImport(Library)]
    internal static partial int sio_script_to(ScriptHandle script, int deviceType, int deviceIndex);

    [LibraryImport(Library)]
    internal static partial int sio_script_weights(ScriptHandle script, nint** tensors, byte** names, int* count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sio_script_trace(
        delegate* unmanaged<nint, nint, nint*, int, int*, int> forward, nint context, TensorHandle example, string[] names, nint* weights, int count,
        nint* script);

    internal static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8) ?? string.Empty;

    /// <summary>Turns a failed call of the ABI into an exception that names what was tried.</summary>
    internal static void Check(int status, string what)
    {
        if (status != 0)
            throw new TorchException(what, Text(sio_last_error()));
    }
}
