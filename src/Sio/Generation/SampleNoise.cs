using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation;

/// <summary>
/// Normal random numbers for samples. What an image gets is a function of the seed, its class, its number within the class, and the use, and of nothing else: not of the
/// batch it is made in, nor of the images made before it.
/// </summary>
/// <param name="seed">Seed of the set.</param>
/// <param name="images">Class and number within the class of each image of the batch.</param>
/// <param name="device">Where the tensors are wanted.</param>
public sealed class SampleNoise(long seed, IReadOnlyList<(int Class, int Number)> images, Device device)
{
    /// <summary>Standard normal numbers for each image.</summary>
    /// <param name="use">What they are for, e.g. <c>latent</c>; another use gives others.</param>
    /// <param name="shape">Shape per image.</param>
    /// <returns>[N, shape…] float32.</returns>
    public Tensor Normal(string use, params ReadOnlySpan<long> shape)
    {
        var length = 1;
        foreach (var size in shape)
            length = checked(length * (int)size);
        var values = new float[images.Count * length];
        var name = "generator/sample/" + use;
        Parallel.For(0, images.Count, i =>
        {
            var random = RandomStream.For(seed, name, images[i].Class, images[i].Number);
            foreach (ref var value in values.AsSpan(i * length, length))
                value = (float)random.NextGaussian();
        });
        return torch.tensor(values, [images.Count, .. shape]).to(device);
    }
}
