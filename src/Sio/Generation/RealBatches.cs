using Sio.Data;
using Sio.Torch;

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
        using var scope = new TensorScope();
        _pixels = Tensor.Wrap(images.PixelsFor("training a generator"), images.Count, images.Channels, images.Height, images.Width).To(device).DetachFromScope();
        _labels = Tensor.From<long>(Array.ConvertAll(images.Labels, label => (long)label)).To(device).DetachFromScope();
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

        var chosen = Tensor.From<long>(indices).To(_device);
        var images = _pixels.IndexSelect(0, chosen).To(DType.Float32).Mul_(1 / 127.5).Add_(-1);
        if (_plan.Flip)
            images = Tensor.From<bool>(flips, batch, 1, 1, 1).To(_device).Where(images.Flip(3), images);
        return (images, _labels.IndexSelect(0, chosen));
    }

    public void Dispose()
    {
        _pixels.Dispose();
        _labels.Dispose();
    }
}
