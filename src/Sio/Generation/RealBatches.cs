using Sio.Data;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation;

/// <summary>
/// The real images of each step, as tensors. Permutations are read on across batches, so that at any moment no image was seen more than once more often than another; the
/// images of a step are a function of the seed and the step.
/// </summary>
internal sealed class RealBatches : IDisposable
{
    private readonly PermutationCache _order;
    private readonly Tensor _pixels;
    private readonly Tensor _labels;
    private readonly int _count;
    private readonly GenerationPlan _plan;
    private readonly long _seed;
    private readonly Device _device;

    /// <summary>Puts all images where training takes place, a byte per value.</summary>
    internal RealBatches(ImageSet images, GenerationPlan plan, long seed, Device device)
    {
        (_plan, _seed, _device, _count) = (plan, seed, device, images.Count);
        _order = new PermutationCache(seed, "generator/order", images.Count);
        using var scope = NewDisposeScope();
        _pixels = TensorMemory.Wrap(images.PixelsFor("training a generator"), images.Count, images.Channels, images.Height, images.Width).to(device).DetachFromDisposeScope();
        _labels = torch.tensor(Array.ConvertAll(images.Labels, label => (long)label)).to(device).DetachFromDisposeScope();
    }

    /// <summary>Images [N,C,H,W] in [−1, 1] and labels [N] of one step.</summary>
    internal (Tensor Images, Tensor Labels) Get(long step)
    {
        var batch = _plan.BatchSize;
        var (indices, flips) = (new long[batch], new bool[batch]);
        var key = RandomStream.Key(_seed, "generator/flip");
        for (var i = 0; i < batch; i++)
        {
            var place = (step * batch) + i;
            indices[i] = _order.Get(place / _count)[(int)(place % _count)];
            flips[i] = (RandomStream.At(key, (ulong)place) & 1) == 1;
        }

        var chosen = torch.tensor(indices).to(_device);
        var images = _pixels.index_select(0, chosen).to(ScalarType.Float32).mul_(1 / 127.5).add_(-1);
        if (_plan.Flip)
            images = torch.where(torch.tensor(flips, [batch, 1, 1, 1]).to(_device), images.flip(3), images);
        return (images, _labels.index_select(0, chosen));
    }

    public void Dispose()
    {
        _pixels.Dispose();
        _labels.Dispose();
    }
}
