using Sio.Networks;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>
/// The exponential moving average of a network's weights and of its training method's, w̄ ← β·w̄ + (1 − β)·w after each step, with β = min(decay, (1 + t)/(10 + t)) after t steps, so that the initial weights are soon
/// forgotten (as TensorFlow's <c>ExponentialMovingAverage</c> with <c>num_updates</c>). Buffers, such as batch norm's running statistics, are averages already and are copied.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly Tensor[] _averages;
    private readonly Tensor[] _weights;
    private readonly (Tensor To, Tensor From)[] _buffers;

    /// <summary>Starts with a network's weights.</summary>
    /// <param name="average">A network of the same kind, on the same device, which holds the average; owned from now on.</param>
    /// <param name="network">The network that is trained.</param>
    internal WeightAverage(Classifier average, Classifier network)
    {
        Network = average;
        try
        {
            _averages = [.. average.parameters(), .. average.Extension?.parameters() ?? []];
            _weights = [.. network.parameters(), .. network.Extension?.parameters() ?? []];
            _buffers = [.. Buffers(average).Zip(Buffers(network))];
            using var noGrad = no_grad();
            foreach (var (to, from) in _averages.Zip(_weights))
                to.copy_(from);
            CopyBuffers();
        }
        catch
        {
            // Nobody else has it.
            average.Dispose();
            throw;
        }
    }

    /// <summary>The network with the average.</summary>
    internal Classifier Network { get; }

    /// <summary>Takes one step of the average.</summary>
    /// <param name="decay">The largest β, in [0, 1).</param>
    /// <param name="steps">t, steps done.</param>
    internal void Update(double decay, long steps)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        ForeachLerp.Run(_averages, _weights, Math.Min(decay, (1.0 + steps) / (10.0 + steps)));
        CopyBuffers();
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private static IEnumerable<Tensor> Buffers(Classifier network) =>
        network.named_buffers().Concat(network.Extension?.named_buffers() ?? []).Select(entry => entry.buffer);

    private void CopyBuffers()
    {
        foreach (var (to, from) in _buffers)
            to.copy_(from);
    }
}
