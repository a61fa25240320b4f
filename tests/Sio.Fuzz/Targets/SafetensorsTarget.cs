using Sio.Serialization;
using static TorchSharp.torch;

namespace Sio.Fuzz.Targets;

/// <summary>Files of safetensors.</summary>
internal sealed class SafetensorsTarget : FuzzTarget
{
    internal override string Name => "safetensors";

    internal override string FileName => "model.safetensors";

    internal override IReadOnlyList<byte[]> Seeds()
    {
        using var scope = NewDisposeScope();
        return [Written(stream => Safetensors.Write(stream, [("weight", ones([2, 3])), ("steps", tensor(3L))], new Dictionary<string, string> { ["step"] = "3" }))];
    }

    internal override void Read(string path) => Safetensors.Read(path).Dispose();
}
