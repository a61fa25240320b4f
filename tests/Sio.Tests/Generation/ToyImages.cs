using Sio.Data;
using Sio.Generation;
using Sio.Generation.Gan;

namespace Sio.Tests.Generation;

/// <summary>Two classes of 8×8 images: the left or the right half is bright, in noise. Seeded, so always the same.</summary>
internal static class ToyImages
{
    internal const int Side = 8;

    internal static ImageSet Set { get; } = Make("toy", 96);

    /// <summary>A GAN of a few thousand weights.</summary>
    internal static GeneratorSettings Settings { get; } = new()
    {
        Model = "gan",
        Plan = new GenerationPlan
        {
            Steps = 12, BatchSize = 16, Flip = false, EmaImages = 200, EmaRampUp = 1, LogEverySteps = 5, CheckpointEverySteps = 4, SheetEverySteps = 0, KeepSnapshots = [0.25, 0.5],
        },
        Gan = new GanSettings { Latent = 8, GeneratorChannels = 8, DiscriminatorChannels = 8, R1Gamma = 0.1, R1EverySteps = 4 },
    };

    internal static ImageSet Make(string name, int count, int channels = 1)
    {
        var random = RandomStream.For(5, name);
        var pixels = new byte[count * channels * Side * Side];
        for (var i = 0; i < pixels.Length; i++)
        {
            var bright = i % Side >= Side / 2 == (i / (channels * Side * Side) % 2 == 1);
            pixels[i] = (byte)Math.Clamp((bright ? 190 : 60) + (25 * random.NextGaussian()), 0, 255);
        }

        return new ImageSet(name, pixels, [.. Enumerable.Range(0, count).Select(i => i % 2)], channels, Side, Side, 2);
    }

    /// <summary>Trains to the end, and gives the bytes of the released weights.</summary>
    internal static byte[] Train(GeneratorTrainer trainer, string folder, bool resume = false)
    {
        trainer.Run(folder, resume).Model.Dispose();
        return File.ReadAllBytes(new GeneratorCheckpoint(Path.Combine(folder, "checkpoint")).ModelPath);
    }
}
