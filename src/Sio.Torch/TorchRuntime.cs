using Sio.Torch.Native;

namespace Sio.Torch;

/// <summary>LibTorch itself: version, threads, devices, determinism, and the count of live tensors.</summary>
public static unsafe class TorchRuntime
{
    /// <summary>Version of the LibTorch the native library was built against, e.g. <c>1.13.0</c>.</summary>
    public static string Version => NativeMethods.Text(NativeMethods.sio_torch_version());

    /// <summary>Path of the LibTorch file that is loaded.</summary>
    public static string LibraryPath => NativeMethods.Text(NativeMethods.sio_library_path());

    /// <summary>Path of the file that serves BLAS; empty when LibTorch has its own (as with MKL).</summary>
    public static string BlasPath => NativeMethods.Text(NativeMethods.sio_blas_path());

    /// <summary>LibTorch's report on how it was built and how it runs in parallel.</summary>
    public static string BuildConfig => NativeMethods.Text(NativeMethods.sio_build_config());

    /// <summary>The vector instructions LibTorch's own kernels use, e.g. <c>AVX2</c>.</summary>
    public static string CpuCapability => NativeMethods.Text(NativeMethods.sio_cpu_capability());

    /// <summary>Tensor handles that this process holds now. A step that cleans up after itself leaves it as it was.</summary>
    public static long LiveTensors => NativeMethods.sio_live_tensors();

    /// <summary>
    /// Threads within one operator, LibTorch's and OpenBLAS's. Results are bit-identical only at one and the same count.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to less than 1.</exception>
    public static int Threads
    {
        get
        {
            int threads;
            NativeMethods.Check(NativeMethods.sio_get_num_threads(&threads), "thread count");
            return threads;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            NativeMethods.Check(NativeMethods.sio_set_num_threads(value), "set thread count");
        }
    }

    /// <summary>How many CUDA devices LibTorch sees; 0 for a CPU build.</summary>
    public static int CudaDeviceCount
    {
        get
        {
            int count;
            NativeMethods.Check(NativeMethods.sio_cuda_device_count(&count), "CUDA device count");
            return count;
        }
    }

    /// <summary>
    /// Refuses operators that may differ from run to run, and makes cuDNN choose the same kernels each time; off again, cuDNN
    /// may try kernels out and take the fastest. On a GPU, to be called before the first matrix product.
    /// </summary>
    public static void SetDeterministic(bool on) =>
        NativeMethods.Check(NativeMethods.sio_set_deterministic(on ? 1 : 0), "set determinism");

    /// <summary>Rounds denormal numbers to zero, which some CPUs compute a hundred times slower; off at the start.</summary>
    /// <returns>Whether this CPU can.</returns>
    public static bool SetFlushDenormal(bool on)
    {
        int supported;
        NativeMethods.Check(NativeMethods.sio_set_flush_denormal(on ? 1 : 0, &supported), "set flush-denormal");
        return supported != 0;
    }

    /// <summary>Seeds the shared generators of all devices, which operators use when none is given.</summary>
    public static void ManualSeed(ulong seed) => NativeMethods.Check(NativeMethods.sio_manual_seed(seed), "manual seed");
}
