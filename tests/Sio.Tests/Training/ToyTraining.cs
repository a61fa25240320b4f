using System.Text.Json;
using System.Text.Json.Nodes;
using Sio.Data;
using Sio.Engine;
using Sio.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training;

/// <summary>Two classes that any network separates in a few steps: the left or the right half is bright. Seeded, so always the same.</summary>
internal static class ToyTraining
{
    internal const int Epochs = 3;
    internal const int BatchesPerEpoch = 5;
    internal const int TotalSteps = Epochs * BatchesPerEpoch;

    /// <summary>What is not trained on. Harder than the rest: some labels are wrong, so that no epoch has them all right.</summary>
    internal static ImageSet Validation { get; } = Relabelled(Images("validation", 60));

    internal static ImageSet Real { get; } = Images("real", 70);

    internal static ImageSet Synthetic { get; } = Images("synthetic", 40);

    internal static TrainingPlan Plan { get; } = new()
    {
        Epochs = Epochs,
        BatchSize = 16,
        RealRatio = 0.75,
        Seed = 3,
        LearningRate = 0.05,
        LabelSmoothing = 0.05,
        Padding = 2,
        Flip = false,
        Normalization = new Normalization([0.4f], [0.3f]),
    };

    internal static ImageSet Images(string name, int count, int size = 28)
    {
        var random = RandomStream.For(11, name);
        var pixels = new byte[count * size * size];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (image, right) = (i / (size * size), i % size >= size / 2);
            var bright = right == (image % 2 == 1);
            pixels[i] = (byte)Math.Clamp((bright ? 150 : 80) + (40 * random.NextGaussian()), 0, 255);
        }

        return new ImageSet(name, pixels, [.. Enumerable.Range(0, count).Select(i => i % 2)], 1, size, size, 2);
    }

    private static ImageSet Relabelled(ImageSet images) =>
        new(images.Name, images.Pixels, [.. images.Labels.Select((label, i) => i % 7 == 0 ? 1 - label : label)], 1, images.Height, images.Width, 2);

    /// <summary>Six real images, as a plan normalises them.</summary>
    internal static LoadedBatch Batch(TrainingPlan plan)
    {
        var batch = new Batch([0, 1, 2, 3, 4, 5], []);
        var (images, labels) = (torch.empty([6, 1, 28, 28]), torch.empty([6], dtype: ScalarType.Int64));
        plan.Normalization.Evaluation().Fill(batch, Real, null, images.AsSpan<float>());
        batch.CopyLabels(Real, null, labels.AsSpan<long>());
        return new LoadedBatch(batch, images, labels);
    }

    /// <summary>Trains to the end, and gives the bytes of the weights' file.</summary>
    internal static byte[] Train(Trainer trainer, string folder, bool resume = false)
    {
        using var model = trainer.Run(folder, resume).Model;
        return File.ReadAllBytes(Path.Combine(folder, "checkpoint", "model.safetensors"));
    }

    /// <summary>Trains until a step is done, and stops as Ctrl-C does.</summary>
    internal static void TrainUntil(int step, TrainingPlan plan, string network, string folder, bool resume = false)
    {
        using var stop = new CancellationTokenSource();
        var trainer = new Trainer(plan, network, Real, Synthetic)
        {
            CheckpointEverySteps = 4,
            Progress = progress =>
            {
                if (progress.Step == step)
                    stop.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() => trainer.Run(folder, resume, stop.Token).Model.Dispose());
    }

    /// <summary>The lines of the log without what a clock gave.</summary>
    internal static string[] Log(string folder) => [.. File.ReadLines(Path.Combine(folder, "log.jsonl")).Select(line =>
    {
        var entry = JsonNode.Parse(line)!.AsObject();
        entry.Remove("seconds");
        entry.Remove("images_per_second");
        return entry.ToJsonString();
    })];

    /// <summary>The log's lines of one kind.</summary>
    internal static JsonElement[] Events(string folder, string kind) =>
    [
        .. File.ReadLines(Path.Combine(folder, "log.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Where(entry => entry.GetProperty("event").GetString() == kind),
    ];

    internal static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
