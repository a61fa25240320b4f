using System.Runtime.CompilerServices;
using Sio.Engine;

namespace Sio.Tests;

/// <summary>Some tests use TorchSharp before anything of the library: LibTorch must have been loaded by then.</summary>
internal static class TorchStart
{
    [ModuleInitializer]
    internal static void Load() => TorchRuntime.Initialize();
}
