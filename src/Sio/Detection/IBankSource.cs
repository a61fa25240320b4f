using Sio.Data;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>Where the banks of a model's image sets come from: <see cref="BankFolder"/> has features on disk, <see cref="ScriptBank"/> makes them from images.</summary>
public interface IBankSource
{
    /// <summary>The folder, for messages.</summary>
    public string Path { get; }

    /// <summary>The sets of OOD images, in the order of their names: <c>test_far</c>, <c>test_near</c>.</summary>
    public IReadOnlyList<string> OodSets { get; }

    /// <summary>The sets of covariate-shifted ID images, in the order of their names: <c>shifted_blur</c>, <c>shifted_noise</c>.</summary>
    public IReadOnlyList<string> ShiftedSets { get; }

    /// <summary>Whether there is any file of a set.</summary>
    public bool Has(string set);

    /// <summary>The last layer, whose sizes the sets are checked against; it is asked for before any set.</summary>
    /// <returns>Weight [C,D] and bias [C], which the caller disposes; null where the last layer is not known.</returns>
    /// <exception cref="DataException">A file is missing or damaged, or has another type or shape.</exception>
    /// <exception cref="DetectionException">The model gives other things than logits and features.</exception>
    public (Tensor Weight, Tensor Bias)? ReadHead();

    /// <summary>Reads or makes a set.</summary>
    /// <returns>A bank of the set's name, which the caller disposes.</returns>
    /// <exception cref="DataException">A file is missing or damaged, or has another type or shape, or a label is no class.</exception>
    /// <exception cref="DetectionException">A feature or logit is NaN or infinite; the message has the image's index.</exception>
    public FeatureBank Read(string set);
}
