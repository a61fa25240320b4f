using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>Small TorchScript files as Python writes them; <c>Fixtures/torch/make_models.py</c> says what each returns.</summary>
internal static class ScriptModels
{
    internal static string At(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", "models", name + ".pt");

    /// <summary>The model; the caller disposes it.</summary>
    internal static jit.ScriptModule Load(string name) => jit.load(At(name));
}
