using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>What a detector has learnt: tensors and numbers by name. Owns the tensors.</summary>
public sealed class FittedState : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];

    /// <summary>Whether fitting is complete.</summary>
    public bool IsFitted { get; internal set; }

    /// <summary>The fitted tensors.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The fitted numbers.</summary>
    public IReadOnlyDictionary<string, double> Numbers => _numbers;

    /// <summary>What a user should know of the fit, each on one line.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>D, the number of features fitted on.</summary>
    public long FeatureSize { get; private set; }

    /// <summary>C, the number of classes fitted on.</summary>
    public long Classes { get; private set; }

    /// <summary>Keeps a tensor beyond the scope it was made in; it becomes this state's own, so give a tensor that is nobody else's.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (_tensors.TryGetValue(name, out var old) && !ReferenceEquals(old, value))
            old.Dispose();
        return _tensors[name] = value.DetachFromDisposeScope();
    }

    /// <summary>Keeps a number.</summary>
    public double Keep(string name, double value) => _numbers[name] = value;

    /// <summary>Says what a user should know of the fit.</summary>
    public void Warn(string message) => _warnings.Add(message);

    /// <summary>A tensor that was kept.</summary>
    /// <exception cref="DetectionException">There is none: the file that the detector was loaded from is of another one, or damaged.</exception>
    public Tensor Tensor(string name) => _tensors.TryGetValue(name, out var tensor) ? tensor : throw Lacking(name);

    /// <summary>A number that was kept.</summary>
    /// <exception cref="DetectionException">There is none, as for <see cref="Tensor"/>.</exception>
    public double Number(string name) => _numbers.TryGetValue(name, out var number) ? number : throw Lacking(name);

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private static DetectionException Lacking(string name) =>
        new($"the fitted detector has no '{name}': it was loaded from a file that lacks it; fit it again");

    internal void MarkFitted(long features, long classes)
    {
        SetSizes(features, classes);
        IsFitted = true;
    }

    internal void SetSizes(long features, long classes) => (FeatureSize, Classes) = (features, classes);

    internal void Clear()
    {
        IsFitted = false;
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _tensors.Clear();
        _numbers.Clear();
        _warnings.Clear();
    }
}
