using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Data;

/// <summary>One batch as tensors on the CPU. The receiver disposes it.</summary>
/// <param name="Batch">Which images.</param>
/// <param name="Images">[N,C,H,W] float32, augmented and normalised; real images first.</param>
/// <param name="Labels">[N] int64.</param>
public sealed record LoadedBatch(Batch Batch, Tensor Images, Tensor Labels) : IDisposable
{
    /// <summary>Further views of the same images, each like <see cref="Images"/>.</summary>
    public IReadOnlyList<Tensor> Views { get; init; } = [];

    /// <summary>Auxiliary images [M,C,H,W], augmented and normalised; null for none.</summary>
    public Tensor? Auxiliary { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
        foreach (var view in Views)
            view.Dispose();
        Auxiliary?.Dispose();
    }
}

/// <summary>What else a loader prepares beside a batch's images.</summary>
public sealed record BatchExtras
{
    /// <summary>What is done to each view's images after crop and flip; the first is the batch itself, null where nothing is done. At least one.</summary>
    public IReadOnlyList<ImageTransform?> Views { get; init; } = [null];

    /// <summary>Auxiliary images; null for none.</summary>
    public AuxiliaryImages? Auxiliary { get; init; }
}

/// <summary>
/// Prepares batches ahead of training on one thread of its own; images that are read from files are decoded on several. What it delivers depends on the sampler and the augmentation alone, never
/// on threads or timing. At most <c>ahead</c> + 1 batches are in memory beside those that were taken, however large the sets are.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    private readonly ImageSet _real;
    private readonly ImageSet? _synthetic;
    private readonly BatchAugmentation _augmentation;
    private readonly BatchExtras _extras;
    private readonly BlockingCollection<LoadedBatch> _ready;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private Exception? _failure;
    private bool _disposed;

    /// <summary>Starts preparing.</summary>
    /// <param name="real">Real images.</param>
    /// <param name="synthetic">Synthetic images, of the same size; null when no batch asks for them.</param>
    /// <param name="augmentation">What is done to the images.</param>
    /// <param name="batches">Which images, batch by batch; read on the loader's thread.</param>
    /// <param name="ahead">How many batches may wait, at least 1.</param>
    /// <param name="extras">What else to prepare; nothing when null.</param>
    public BatchLoader(ImageSet real, ImageSet? synthetic, BatchAugmentation augmentation, IEnumerable<Batch> batches, int ahead = 3, BatchExtras? extras = null)
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(augmentation);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        _real = real;
        _synthetic = synthetic;
        _augmentation = augmentation;
        _extras = extras ?? new BatchExtras();
        _ready = new BlockingCollection<LoadedBatch>(ahead);
        _thread = new Thread(() => Prepare(batches)) { IsBackground = true, Name = "batch loader" };
        _thread.Start();
    }

    /// <summary>The batches in order, each as soon as it is ready. Can be walked through once.</summary>
    /// <exception cref="Exception">Whatever stopped the loader's thread.</exception>
    public IEnumerable<LoadedBatch> Batches()
    {
        foreach (var batch in _ready.GetConsumingEnumerable())
            yield return batch;
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Stops preparing and frees what was not taken.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _stop.Cancel();
        _thread.Join();
        while (_ready.TryTake(out var batch))
            batch.Dispose();
        _ready.Dispose();
        _stop.Dispose();
    }

    private void Prepare(IEnumerable<Batch> batches)
    {
        try
        {
            foreach (var batch in batches)
            {
                var loaded = Load(batch);
                try
                {
                    _ready.Add(loaded, _stop.Token);
                }
                catch
                {
                    loaded.Dispose();
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed before the end: nobody waits for the rest.
        }
#pragma warning disable CA1031 // handed to the thread that consumes: nothing is swallowed
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failure = failure;
        }
        finally
        {
            _ready.CompleteAdding();
        }
    }

    private LoadedBatch Load(Batch batch)
    {
        var made = new List<Tensor>();
        try
        {
            var labels = Make([batch.Count], ScalarType.Int64);
            batch.CopyLabels(_real, _synthetic, labels.AsSpan<long>());
            var views = new Tensor[_extras.Views.Count];
            for (var view = 0; view < views.Length; view++)
                views[view] = Make([batch.Count, _real.Channels, _real.Height, _real.Width]);
            _augmentation.FillViews(batch, _real, _synthetic, _extras.Views, view => views[view].AsSpan<float>());

            Tensor? auxiliary = null;
            if (_extras.Auxiliary is { } others)
            {
                auxiliary = Make([others.PerBatch, others.Images.Channels, others.Images.Height, others.Images.Width]);
                others.Fill(batch.Step, auxiliary.AsSpan<float>());
            }

            return new LoadedBatch(batch, views[0], labels) { Views = views[1..], Auxiliary = auxiliary };
        }
        catch
        {
            foreach (var tensor in made)
                tensor.Dispose();
            throw;
        }

        Tensor Make(long[] shape, ScalarType dtype = ScalarType.Float32)
        {
            var tensor = torch.empty(shape, dtype: dtype);
            made.Add(tensor);
            return tensor;
        }
    }
}
