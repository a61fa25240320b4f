using Sio.Data;
using Sio.Engine;
using Sio.Recipes;
using Sio.Tests.Data;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>What holds for every training method, found by itself: it learns on batches of both sources, resumes bit for bit, and leaves no tensors behind.</summary>
public sealed class EveryObjectiveTests
{
    /// <summary>Settings that a method needs to be tried at all, or to do its work within 15 toy steps; most need none.</summary>
    private static readonly Dictionary<string, Dictionary<string, string>> s_settings = new()
    {
        ["outlier_exposure"] = new() { ["auxiliary_batch_size"] = "8" },
        ["mcd"] = new() { ["auxiliary_batch_size"] = "8", ["start"] = "0.5" },
        ["vos"] = new() { ["sample_number"] = "20" },

        ["mixoe"] = new() { ["auxiliary_batch_size"] = "8" },
        ["pixmix"] = new() { ["fractals"] = "20" },

        // The bounds are for the logits of a trained network: from random weights the hinges, squared, would be all that counts.
        ["energy_bounded"] = new() { ["auxiliary_batch_size"] = "8", ["inner_bound"] = "-4", ["outer_bound"] = "-1" },

        // As with LogitNorm's.
        ["t2fnorm"] = new() { ["tau"] = "0.5" },

        // At 0.04 its gradients are 25 times as large, too large for 60 steps at this learning rate.
        ["logitnorm"] = new() { ["tau"] = "0.5" },
    };

    /// <summary>All names, by the catalog.</summary>
    public static TheoryData<string> Names => [.. Catalog<Objective>.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_resumes_bit_for_bit_and_leaves_nothing_behind(string name)
    {
        using var whole = new TempFolder();
        using var cut = new TempFolder();
        var expected = ToyTraining.Train(Trainer(name), whole.Path);
        var before = TensorCount.Settled();
        foreach (var stop in new[] { 3, 7, 12 })
            TrainUntil(name, stop, cut.Path);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Equal(expected, ToyTraining.Train(Trainer(name), cut.Path, resume: true));
        Assert.Equal(Objective(whole.Path), Objective(cut.Path));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_learns_two_plain_classes_with_and_without_synthetic_images(string name)
    {
        foreach (var ratio in new[] { 1.0, 0.75 })
        {
            using var folder = new TempFolder();
            var plan = Plan(name) with { Epochs = 12, RealRatio = ratio, LabelSmoothing = 0 };
            using var model = new Trainer(plan, "resnet8_28x28", ToyTraining.Real, ratio < 1 ? ToyTraining.Synthetic : null, Auxiliary).Run(folder.Path, resume: false).Model;
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var images = torch.empty([ToyTraining.Real.Count, 1, 28, 28]);
            plan.Normalization.Evaluation().FillPlain(ToyTraining.Real, 0, ToyTraining.Real.Count, images.AsSpan<float>());
            var right = model.call(images).argmax(1).ToArray<long>().Zip(ToyTraining.Real.Labels).Count(pair => pair.First == pair.Second);
            Assert.True(right > 0.9 * ToyTraining.Real.Count, $"{right} of {ToyTraining.Real.Count} at ratio {ratio}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_says_what_it_is(string name)
    {
        var described = ObjectiveDescription.All().Single(entry => entry.Name == name);
        Assert.NotEmpty(described.Summary);
        Assert.NotEmpty(described.DefaultsFrom);
        Assert.All(described.HyperParameters, key => Assert.False(string.IsNullOrEmpty(key.Description), key.Path));
        var resolved = ObjectiveFactory.Resolve(new ObjectiveChoice(name, new Dictionary<string, string>()));
        Assert.Equal(resolved.Settings, ObjectiveFactory.Resolve(resolved).Settings);
        Assert.Throws<RecipeException>(() => ObjectiveFactory.Create(new ObjectiveChoice(name, new Dictionary<string, string> { ["nonsense"] = "1" })));
    }

    [Fact]
    public void What_a_method_needs_is_asked_for_before_the_first_step()
    {
        var message = Assert.Throws<DataException>(() => new Trainer(Plan("outlier_exposure"), "lenet", ToyTraining.Real, ToyTraining.Synthetic)).Message;
        Assert.Contains("outlier_exposure needs auxiliary", message, StringComparison.Ordinal);
        message = Assert.Throws<DataException>(
            () => new Trainer(Plan("outlier_exposure"), "lenet", ToyTraining.Real, ToyTraining.Synthetic, ToyTraining.Images("auxiliary", 9, size: 32))).Message;
        Assert.Contains("not of the size", message, StringComparison.Ordinal);
    }

    private static ImageSet Auxiliary { get; } = NoiseImages.Uniform(20, 1, 28, 28, seed: 4);

    private static TrainingPlan Plan(string name) => ToyTraining.Plan with { Objective = new ObjectiveChoice(name, s_settings.GetValueOrDefault(name) ?? []) };

    private static Trainer Trainer(string name) => new(Plan(name), "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic, Auxiliary);

    private static void TrainUntil(string name, int step, string folder)
    {
        using var stop = new CancellationTokenSource();
        var trainer = new Trainer(Plan(name), "resnet8_28x28", ToyTraining.Real, ToyTraining.Synthetic, Auxiliary)
        {
            CheckpointEverySteps = 4,
            Progress = progress =>
            {
                if (progress.Step == step)
                    stop.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() => trainer.Run(folder, resume: true, stop.Token).Model.Dispose());
    }

    private static byte[] Objective(string folder)
    {
        var path = Path.Combine(folder, "checkpoint", "objective.safetensors");
        return File.Exists(path) ? File.ReadAllBytes(path) : [];
    }
}
