using System.Text.Json;
using Sio.Detection;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;
using Sio.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Fuzz.Targets;

/// <summary>Files of <c>torch.save</c>.</summary>
[CatalogEntry("torch_file", "files of torch.save")]
internal sealed class TorchFileTarget : FuzzTarget
{
    internal override bool MakesTensors => true;

    internal override IReadOnlyList<Type> Documented => [typeof(TorchFileException)];

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Zip, Mutation.Mutators.Zip];

    internal override IEnumerable<Seed> Seeds() =>
    [
        .. new[] { "nested", "protocol4", "state_dict" }.Select(name => new Seed("weights.pth", SeedFiles.Read($"torch/{name}.pth"))),
        .. new[] { "evil", "module", "old_format", "plain_pickle" }.Select(name => new Seed("weights.pth", SeedFiles.Read($"torch/{name}.pth"), IsValid: false)),
    ];

    internal override void Read(string path)
    {
        foreach (var tensor in TorchFile.Read(path).Values)
            tensor.Dispose();
    }
}

/// <summary>Safetensors.</summary>
[CatalogEntry("safetensors", "safetensors files")]
internal sealed class SafetensorsTarget : FuzzTarget
{
    internal override bool MakesTensors => true;

    internal override IReadOnlyList<Type> Documented => [typeof(SafetensorsException)];

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, new SafetensorsHeaders(), new SafetensorsHeaders()];

    internal override IEnumerable<Seed> Seeds()
    {
        using var scope = NewDisposeScope();
        yield return new("input.safetensors", Bytes([("a.weight", torch.ones(2, 3)), ("a.bias", torch.zeros(2)), ("n", torch.tensor(5L))], new() { ["format"] = "pt", ["note"] = "\u00e4\n" }));
        yield return new("input.safetensors", Bytes([("empty", torch.zeros(0, 4)), ("b", torch.ones([3], ScalarType.Bool)), ("h", torch.ones([3], ScalarType.BFloat16))], []));
        yield return new("input.safetensors", Bytes([], []));
    }

    internal override void Read(string path) => Safetensors.Read(path).Dispose();

    internal static byte[] Bytes((string Name, Tensor Value)[] tensors, Dictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}

/// <summary>Fitted detectors.</summary>
[CatalogEntry("detector_file", "fitted detectors")]
internal sealed class DetectorFileTarget : FuzzTarget
{
    private const string File = "detector.safetensors";

    internal override bool MakesTensors => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, new SafetensorsHeaders(), new SafetensorsHeaders(), new SafetensorsHeaders()];

    // Without the digest, which would tell of every change before anything is looked at.
    internal override IEnumerable<Seed> Seeds()
    {
        using var scope = NewDisposeScope();
        yield return new(File, Detector("msp", "{}", 0, []));
        yield return new(File, Detector("knn", "k: 2\n", 4, []));
        yield return new(File, Detector("vim", "{}", 4, new() { ["alpha"] = "1.5" }));
    }

    internal override void Read(string path) => DetectorFile.Load(path).Dispose();

    private static byte[] Detector(string name, string settings, long features, Dictionary<string, string> numbers)
    {
        var header = JsonSerializer.Serialize(new { Detector = name, Settings = settings, FeatureSize = features, Classes = features == 0 ? 0 : 3, Numbers = numbers });
        return SafetensorsTarget.Bytes(features == 0 ? [] : [("features", torch.ones(3, features))], new() { ["format"] = "sio-detector-1", ["sio"] = header });
    }
}

/// <summary>TorchScript, which LibTorch reads in C++.</summary>
[CatalogEntry("torchscript", "TorchScript models, which LibTorch reads")]
internal sealed class TorchScriptTarget : FuzzTarget
{
    internal override bool IsDear => true;

    internal override bool IsNative => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary];

    internal override IEnumerable<Seed> Seeds() =>
        [.. new[] { "flat", "dictionary", "network_frozen" }.Select(name => new Seed("model.pt", SeedFiles.Read($"script/{name}.pt"))), new("model.pt", SeedFiles.Read("torch/state_dict.pth"), IsValid: false)];

    internal override void Read(string path) => ScriptFile.Load(path).Dispose();
}
