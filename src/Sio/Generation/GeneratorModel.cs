using Sio.Optim;
using static TorchSharp.torch;

namespace Sio.Generation;

/// <summary>
/// A class-conditional generator of images while it is trained and while it samples: networks, optimisers, one step, and sampling. A class with a
/// <see cref="CatalogEntryAttribute"/> and a constructor (<see cref="GeneratorShape"/>, <see cref="GeneratorSettings"/>, <see cref="Generator"/> for the initial
/// weights, which are made on the CPU, <see cref="Device"/> to train on) can be named in recipes; <see cref="GeneratorTrainer"/> does the rest: data order,
/// checkpoints, log, snapshots, contact sheets. Pixels are in [−1, 1].
/// </summary>
public abstract class GeneratorModel : IDisposable
{
    /// <summary>Takes what it is made for.</summary>
    protected GeneratorModel(GeneratorShape shape) => Shape = shape;

    /// <summary>The images it makes.</summary>
    public GeneratorShape Shape { get; }

    /// <summary>Every network whose weights training needs to go on, by name, the moving average among them.</summary>
    public abstract IReadOnlyList<(string Name, nn.Module Network)> Networks { get; }

    /// <summary>Every optimiser, by name.</summary>
    public abstract IReadOnlyList<(string Name, Optimizer Optimizer)> Optimizers { get; }

    /// <summary>The network that samples are made with: the moving average. Its weights are what is released.</summary>
    public abstract nn.Module Released { get; }

    /// <summary>Names of the numbers that <see cref="Step"/> gives, as the log and the progress line show them.</summary>
    public abstract IReadOnlyList<string> Measures { get; }

    /// <summary>How samples are drawn, in a few words, for a set's provenance.</summary>
    public abstract string Sampler { get; }

    /// <summary>
    /// Images per pass when sampling. A constant of the family, not a choice of the user: the last bits of a matrix product may depend on the size of the batch, and
    /// a sample's bytes must not.
    /// </summary>
    public abstract int SampleBatch { get; }

    /// <summary>
    /// Whether training may collapse to a few images, as adversarial training can, so that samples are worth a look now and then (<see cref="CollapseWatch"/>). No for a family that learns every
    /// real image by a loss of its own, and for which samples are dear.
    /// </summary>
    public virtual bool CanCollapse => false;

    /// <summary>One step of training, all optimisers and the moving average included. Temporaries need no disposing.</summary>
    /// <param name="images">[N,C,H,W] float32 in [−1, 1], real.</param>
    /// <param name="labels">[N] int64, from 0.</param>
    /// <param name="step">Steps done before this one.</param>
    /// <param name="random">
    /// Seeded anew for each step from the run's seed and the step: whatever is drawn from it is the same when the step is done again. It lives where the images do.
    /// </param>
    /// <returns>The measures, [<see cref="Measures"/>.Count] float32, detached.</returns>
    public abstract Tensor Step(Tensor images, Tensor labels, long step, Generator random);

    /// <summary>Makes images with <see cref="Released"/>: no gradients, evaluation mode. Temporaries need no disposing.</summary>
    /// <param name="labels">[<see cref="SampleBatch"/>] int64.</param>
    /// <param name="noise">Random numbers that belong to each image.</param>
    /// <returns>[<see cref="SampleBatch"/>,C,H,W] in about [−1, 1].</returns>
    public abstract Tensor Sample(Tensor labels, SampleNoise noise);

    /// <summary>Frees networks and optimisers.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees networks and optimisers.</summary>
    /// <param name="disposing">False only from a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var (_, network) in Networks)
            network.Dispose();
        foreach (var (_, optimizer) in Optimizers)
            optimizer.Dispose();
    }
}
