using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace Sio.Engine;

/// <summary>
/// LibTorch itself: loading it safely, its version, threads, devices and determinism. A program that uses this library needs no call to load it.
/// One that uses TorchSharp before it uses this library calls <see cref="Initialize"/> once, first.
/// </summary>
public static class TorchRuntime
{
    private static readonly Lazy<bool> s_countedTwice = new(IsCountedTwice);

    private static volatile bool s_initialized;
    private static long s_parameters;

    /// <summary>
    /// Loads LibTorch, checks that it is the one that this program needs, and repairs what would make its numbers wrong on this machine. May be
    /// called any number of times from any thread; after the first it costs nothing. Where TorchSharp has already loaded LibTorch, the checks and
    /// the repair are still made.
    /// </summary>
    /// <exception cref="LibTorchException">LibTorch is missing, damaged, or another one than this program needs.</exception>
    public static void Initialize()
    {
        if (s_initialized)
            return;
        var loaded = TorchLoader.Load();
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
        }
        catch (TypeInitializationException failure)
        {
            throw failure.GetBaseException() as LibTorchException
                ?? new LibTorchException($"TorchSharp cannot start: {TorchErrors.Clean(failure.GetBaseException().Message)}", failure);
        }

        // TorchSharp looks for a library for GPUs by its bare name, and so may find one of another LibTorch.
        LoadedLibraries.RejectForeign(Path.GetDirectoryName(loaded.Path)!);
        s_initialized = true;
    }

    /// <summary>Version of the loaded LibTorch, e.g. <c>2.10.0</c>.</summary>
    public static string Version => Loaded.Version.ToString();

    /// <summary>Path of the file of LibTorch that is loaded.</summary>
    public static string LibraryPath => Loaded.Path;

    /// <summary>Path of TorchSharp's own native library.</summary>
    public static string BindingPath => Loaded.BindingPath;

    /// <summary>Whether that library was loaded from memory, because this system's libstdc++ is older than it asks for.</summary>
    public static bool BindingFromMemory => Loaded.BindingFromMemory;

    /// <summary>LibTorch's report on how it was built; empty where it cannot be asked.</summary>
    public static string BuildConfig => Loaded.Exports.BuildConfig ?? string.Empty;

    /// <summary>The vector instructions LibTorch's own kernels use, e.g. <c>AVX2</c>.</summary>
    public static string CpuCapability => Loaded.Exports.CpuCapability ?? GuessCapability();

    /// <summary>What was found and done about caches that this machine hides.</summary>
    public static CacheSafety Safety => Loaded.Safety;

    /// <summary>Tensors that this process holds now. A step that cleans up after itself leaves it as it was.</summary>
    /// <remarks>
    /// TorchSharp's own count, less what it counts too much: a <c>Parameter</c> takes the tensor that it is made of over, and TorchSharp goes on counting both.
    /// Only parameters of this library's layers are known here.
    /// </remarks>
    public static long LiveTensors
    {
        get
        {
            Initialize();
            var tooMany = s_countedTwice.Value ? Interlocked.Read(ref s_parameters) : 0;
            return torch.Tensor.TotalCount - tooMany;
        }
    }

    /// <summary>Says that a parameter was made of a tensor, for <see cref="LiveTensors"/>.</summary>
    internal static void CountParameter() => Interlocked.Increment(ref s_parameters);

    /// <summary>Threads within one operator. Results are bit-identical only at one and the same count.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to less than 1.</exception>
    public static int Threads
    {
        get
        {
            Initialize();
            return torch.get_num_threads();
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Initialize();
            torch.set_num_threads(value);
        }
    }

    /// <summary>How many CUDA devices LibTorch sees; 0 for a CPU build.</summary>
    public static int CudaDeviceCount
    {
        get
        {
            Initialize();
            return torch.cuda.device_count();
        }
    }

    /// <summary>
    /// Rejects operators that may differ from run to run, and makes cuDNN choose the same kernels each time; off again, cuDNN
    /// may try kernels out and take the fastest. On a GPU, to be called before the first matrix product.
    /// </summary>
    /// <returns>Whether this LibTorch can.</returns>
    public static bool SetDeterministic(bool on)
    {
        Initialize();
        // Without it LibTorch rejects every matrix product on a GPU; cuBLAS reads it at its first use.
        if (on)
            ProcessSettings.SetVariable("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
        var exports = Loaded.Exports;
        return exports.TrySetDeterministicAlgorithms(on) & exports.TrySetDeterministicCudnn(on) & exports.TrySetBenchmarkCudnn(!on);
    }

    /// <summary>Rounds denormal numbers to zero, which some CPUs compute a hundred times slower; off at the start.</summary>
    /// <returns>Whether this CPU and this LibTorch can.</returns>
    public static bool SetFlushDenormal(bool on)
    {
        Initialize();
        return Loaded.Exports.TrySetFlushDenormal(on);
    }

    /// <summary>Seeds the shared generators of all devices, which operators use when none is given.</summary>
    public static void ManualSeed(long seed)
    {
        Initialize();
        torch.manual_seed(seed).Dispose();
    }

    private static LoadedTorch Loaded
    {
        get
        {
            Initialize();
            return TorchLoader.Load();
        }
    }

    // Seen with TorchSharp 0.107; asked for, because another version may count right.
    private static bool IsCountedTwice()
    {
        using var scope = torch.NewDisposeScope();
        var before = torch.Tensor.TotalCount;
        new TorchSharp.Modules.Parameter(torch.zeros(1)).Dispose();
        CountParameter(); // this one, too
        return torch.Tensor.TotalCount > before;
    }

    // LibTorch's own choice, where it does not tell.
    private static string GuessCapability() =>
        Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported ? "AVX512" : Avx2.IsSupported && Fma.IsSupported ? "AVX2" : "DEFAULT";
}
