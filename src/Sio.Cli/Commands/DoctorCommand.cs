using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Data.Images;
using Sio.Torch;

namespace Sio.Cli.Commands;

/// <summary><c>sio doctor</c>: what this machine has, and what is missing for what.</summary>
internal static class DoctorCommand
{
    internal static Command Create()
    {
        var command = new Command("doctor", "Tell what this machine has: LibTorch, BLAS, CPU features, threads, GPUs; and what is missing for what. Ends with 1 if something is missing without which nothing can be trained.");
        Help.SetExamples(command, "sio doctor");
        command.SetAction(_ => Examine());
        return command;
    }

    internal static int Examine()
    {
        Line("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        Line(".NET", RuntimeInformation.FrameworkDescription);
        Line("CPU", $"{CpuName()}, {Environment.ProcessorCount} processors");
        Line("CPU features", string.Join(" ", CpuFeatures()));
        var missing = new List<string>();
        var trains = Torch(missing);
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
            var blas = TorchRuntime.BlasPath;
            Line("BLAS", blas.Length == 0 ? "LibTorch's own" : RealPath(blas));
            if (blas.Contains("libblas", StringComparison.Ordinal) && !RealPath(blas).Contains("openblas", StringComparison.Ordinal))
                missing.Add("libopenblas0-pthread (Debian package): the reference BLAS in use makes matrix products some ten times slower");
            Line("Threads", $"{TorchRuntime.Threads} in LibTorch by default; runs use the recipe's 'threads', {Environment.ProcessorCount} here when it is 0");
            var gpus = TorchRuntime.CudaDeviceCount;
            var seen = NvidiaGpus();
            Line("GPUs", gpus > 0 ? $"{gpus} CUDA devices: {string.Join("; ", seen)}" : seen.Count == 0 ? "none" : $"{string.Join("; ", seen)}, not usable with this LibTorch");
            if (gpus == 0 && seen.Count > 0)
                missing.Add("a LibTorch with CUDA, for the GPU: LIBTORCH=DIR ./sio setup, DIR an unpacked CUDA release or the torch folder of an installed PyTorch");
            return true;
        }
        catch (TorchException error)
        {
            Line("LibTorch", "not usable");
            missing.Add($"LibTorch, for training and evaluating: {error.Reason}");
            return false;
        }
    }

    private static void Line(string name, string value) => Console.WriteLine($"{name + ':',-15}{value}");

    private static string RealPath(string path) => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;

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
