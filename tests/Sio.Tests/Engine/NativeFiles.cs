using System.Runtime.InteropServices;
using Sio.Engine;

namespace Sio.Tests.Engine;

/// <summary>Native libraries that every machine has which runs these tests.</summary>
internal static class NativeFiles
{
    /// <summary>The symbol that <see cref="Small"/> exports.</summary>
    internal const string SmallExport = "SystemNative_GetPid";

    /// <summary>A small one of .NET's own.</summary>
    internal static string Small { get; } = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so");

    /// <summary>TorchSharp's.</summary>
    internal static string Binding => LibTorchFolder.FindBinding();

    internal static void OnlyOnLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF files are Linux's");
}
