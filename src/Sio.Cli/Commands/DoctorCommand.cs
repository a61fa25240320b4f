using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Data.Images;
using Sio.Engine;

namespace Sio.Cli.Commands;

/// <summary><c>sio doctor</c>: what this machine has, and what is missing for what.</summary>
internal static class DoctorCommand
{
    internal static Command Create()
    {
        var check = new Option<bool>("--check")
        {
            Description = "Also compare some hundred random convolutions and their gradients with float64: seconds that say whether LibTorch's numbers are right on this machine.",
        };
        var command = new Command("doctor", "Tell what this machine has: LibTorch, BLAS, CPU features, threads, GPUs; and what is missing for what. Ends with 1 if something is missing without which nothing can be trained.") { check };
        Help.SetExamples(command, "sio doctor", "sio doctor --check");
        command.SetAction(result => Examine(result.GetValue(check)));
        return command;
    }

    internal static int Examine(bool check = false)
    {
        Line("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        Line(".NET", RuntimeInformation.FrameworkDescription);
        Line("CPU", $"{CpuName()}, {Environment.ProcessorCount} processors");
        Line("CPU features", string.Join(" ", CpuFeatures()));
        var missing = new List<string>();
        var trains = Torch(missing) && (!check || Convolutions(missing));
        Line("SkiaSharp", SkiaLibrary.Version);
        Line("Fashion-MNIST", FashionMnist.FindFolder() ?? "the part that ships, enough for the quickstart; 'sio data fetch fashion-mnist' brings all");
        Line("Missing", missing.Count == 0 ? "nothing" : string.Empty);
        foreach (var item in missing)
            Console.WriteLine($"  - {item}");
        return trains ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static bool Torch(List<string> missing)
    {
        try
        {
            Line("LibTorch", $"{TorchRuntime.Version}, {TorchRuntime.LibraryPath}, kernels for {TorchRuntime.CpuCapability}");
            Line("TorchSharp", TorchRuntime.BindingPath + (TorchRuntime.BindingFromMemory ? ", loaded from memory: it asks for a newer libstdc++ than this system has" : ""));
            Line("BLAS", Blas(TorchRuntime.BuildConfig));
            Line("CPU caches", Describe(TorchRuntime.Safety));
            Line("Threads", $"{TorchRuntime.Threads} in LibTorch by default; runs use the recipe's 'threads', {Environment.ProcessorCount} here when it is 0");
            var gpus = TorchRuntime.CudaDeviceCount;
            var seen = NvidiaGpus();
            Line("GPUs", gpus > 0 ? $"{gpus} CUDA devices: {string.Join("; ", seen)}" : seen.Count == 0 ? "none" : $"{string.Join("; ", seen)}, not usable with this LibTorch");
            if (gpus == 0 && seen.Count > 0)
                missing.Add("a LibTorch with CUDA, for the GPU: build with -p:LibTorch=cuda, or set LIBTORCH to the torch folder of an installed PyTorch 2.10 with CUDA");
            return true;
        }
        catch (LibTorchException error)
        {
            Line("LibTorch", "not usable");
            missing.Add($"LibTorch, for training and evaluating: {error.Message}");
            return false;
        }
    }

    private static bool Convolutions(List<string> missing)
    {
        var (right, result) = CheckConvolutionsCommand.RunApart();
        Line("Convolutions", result);
        if (!right)
            missing.Add("right numbers: LibTorch's convolutions are wrong on this machine, so that nothing trained or evaluated here can be relied on");
        return right;
    }

    private static string Describe(CacheSafety safety) => safety switch
    {
        CacheSafety.NotNeeded => "visible to LibTorch",
        CacheSafety.NotAffected => "hidden by this virtual machine; LibTorch uses sizes of its own",
        CacheSafety.Repaired => "hidden by this virtual machine, which makes convolutions of LibTorch wrong; repaired",
        CacheSafety.SwitchedOff => "hidden by this virtual machine, which makes convolutions of LibTorch wrong; oneDNN is switched off, right but slower",
        _ => throw new ArgumentOutOfRangeException(nameof(safety)),
    };

    // LibTorch's report holds "BLAS_INFO=mkl," and a line on MKL's version.
    private static string Blas(string config)
    {
        const string key = "BLAS_INFO=";
        var at = config.IndexOf(key, StringComparison.Ordinal);
        if (at < 0)
            return "LibTorch's own";
        var name = config[(at + key.Length)..].Split(',', '\n')[0];
        return name == "mkl" ? "MKL, within LibTorch" : $"{name}, within LibTorch";
    }

    private static void Line(string name, string value) => Console.WriteLine($"{name + ':',-15}{value}");

    private static string CpuName()
    {
        const string file = "/proc/cpuinfo";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static IEnumerable<string> CpuFeatures()
    {
        if (!X86Base.IsSupported)
        {
            yield return RuntimeInformation.OSArchitecture.ToString();
            yield break;
        }

        if (Avx2.IsSupported)
            yield return "AVX2";
        if (Fma.IsSupported)
            yield return "FMA";
        if (Avx512F.IsSupported)
            yield return "AVX-512F";
        if (Avx512BW.IsSupported)
            yield return "AVX-512BW";
        if (Avx512Vbmi.IsSupported)
            yield return "AVX-512VBMI";
    }

    private static List<string> NvidiaGpus()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", "-L") { RedirectStandardOutput = true, RedirectStandardError = true });
            var lines = process!.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            process.WaitForExit();
            return process.ExitCode == 0 ? [.. lines] : [];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return []; // no driver, no GPU
        }
    }
}
