using Sio.Data;
using Sio.Networks;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// A training method: what is minimised, with the layers, the image transforms and the auxiliary images it needs for that. A class in this folder with a
/// <see cref="CatalogEntryAttribute"/> is found by its name; there is no list to keep. Its hyper-parameters are its public init properties, each with a
/// <see cref="DescribeAttribute"/>; <c>objective.settings</c> in a recipe sets them.
/// </summary>
/// <remarks>
/// It takes batches of real and synthetic images alike and needs no code for the two: means over a batch are those of <see cref="ObjectiveStep"/>, which weighs images as the recipe says.
/// The object itself has hyper-parameters and no tensors, so that methods can be listed and checked without LibTorch. Everything it learns or
/// collects is a parameter or a buffer of <see cref="Layers"/> (<see cref="Nn.ModuleExtensions.RegisterParameter"/>,
/// <see cref="Nn.ModuleExtensions.RegisterBuffer"/>), made in <see cref="AttachCore"/>: so it is in checkpoints, and a resumed run goes on bit
/// for bit. Random numbers come from the step.
/// </remarks>
public abstract class Objective
{
    private ObjectiveLayers? _layers;

    /// <summary>The objective that extends a network; null where none does.</summary>
    public static Objective? Of(Classifier network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return (network.Extension as ObjectiveLayers)?.Objective;
    }

    /// <summary>The name recipes know it by.</summary>
    public string Name => Catalog<Objective>.NameOf(this);

    /// <summary>What it learns or collects. The network owns it.</summary>
    /// <remarks>Moving it to another device or type replaces its parameters and buffers: ask it for them by name each time
    /// (<c>get_parameter</c>, <c>get_buffer</c>). Child modules may be kept.</remarks>
    /// <exception cref="InvalidOperationException">It belongs to no network yet.</exception>
    public nn.Module Layers => _layers ?? throw new InvalidOperationException($"{Name} belongs to no network yet");

    /// <summary>Auxiliary (outlier) images per batch; 0 for a method that has none.</summary>
    public virtual int AuxiliaryPerBatch => 0;

    /// <summary>The path of pictures that it mixes into training images; null where it has none.</summary>
    public virtual string? MixingSource => null;

    /// <summary>How many further views of each batch it wants, each with its own transform, of the same crops and flips.</summary>
    public virtual int ExtraViews => 0;

    /// <summary>The detector that is the method's own score; null where it is for any detector.</summary>
    public virtual string? OwnDetector => null;

    /// <summary>What is done to images after crop and flip and before normalisation; null for nothing.</summary>
    /// <param name="view">0 for the batch itself, then its further views.</param>
    /// <param name="real">The real training images.</param>
    /// <exception cref="DataException">Images that the transform needs are missing or do not fit.</exception>
    public virtual ImageTransform? CreateTransform(int view, ImageSet real) => null;

    /// <summary>Looks, before the first step, at which classes will come up when: for a method that needs enough of each.</summary>
    /// <param name="batches">The labels of each step's images that count, in training's order; computed as they are read, so to be read no farther than needed.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="steps">The number of batches.</param>
    /// <returns>What is to be told to who trains, on one line; null for nothing.</returns>
    /// <exception cref="DataException">The method could never do its work.</exception>
    public virtual string? CheckLabels(IEnumerable<long[]> batches, int classes, long steps) => null;

    /// <summary>Whether weight decay applies to a parameter.</summary>
    /// <param name="parameter">Its name; those of the network begin with <c>network.</c>.</param>
    public virtual bool Decays(string parameter) => true;

    /// <summary>Makes the layers that go with a network, which owns them from then on (<see cref="Classifier.Extension"/>).</summary>
    /// <param name="network">The network.</param>
    /// <param name="generator">Makes initial weights, on the CPU; the shared generator when null.</param>
    /// <exception cref="InvalidOperationException">It has been attached before.</exception>
    /// <exception cref="DataException">The network is none for this method.</exception>
    public void Attach(Classifier network, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (_layers is not null)
            throw new InvalidOperationException($"{Name} belongs to a network already");
        var layers = new ObjectiveLayers(this);
        _layers = layers;
        try
        {
            using (NewDisposeScope())
                AttachCore(network, generator);
            network.Extend(layers, this as ILogitHead);
        }
        catch
        {
            layers.Dispose();
            _layers = null;
            throw;
        }
    }

    /// <summary>The loss of a step. Its tensors belong to the caller's tensor scope.</summary>
    public ObjectiveLoss Loss(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return _layers is null ? throw new InvalidOperationException($"{Name} belongs to no network yet") : LossCore(step);
    }

    /// <summary>What a file of the network's weights says of them, for <see cref="Started"/>; nothing where they are as any
    /// network's.</summary>
    internal virtual IReadOnlyDictionary<string, string> Remarks => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;

    /// <summary>Weights of an earlier run were put into the network after <see cref="Attach"/>: what attaching had done to the network's
    /// own is to be done to these.</summary>
    /// <param name="network">The network.</param>
    /// <param name="remarks">What their file says of them.</param>
    internal virtual void Started(Classifier network, IReadOnlyDictionary<string, string> remarks)
    {
    }

    /// <summary>Makes layers and buffers.</summary>
    protected virtual void AttachCore(Classifier network, Generator? generator)
    {
    }

    /// <summary>Computes the loss. The caller frees all tensors made here; what is to stay goes into buffers.</summary>
    protected abstract ObjectiveLoss LossCore(ObjectiveStep step);
}

/// <summary>What an objective says of a batch.</summary>
/// <param name="Value">A single number, to go backward from.</param>
/// <param name="Logits">[N,C] or more rows, of which the first N belong to the batch's images in their order: training accuracy is counted on them.</param>
public sealed record ObjectiveLoss(Tensor Value, Tensor Logits)
{
    /// <summary>Parts of the loss, single numbers, for the log.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts { get; init; } = [];
}
