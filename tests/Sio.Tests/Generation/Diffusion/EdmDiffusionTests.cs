using Sio.Data;
using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Diffusion;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

/// <summary>The family within the frame: resuming, pieces, settings, memory.</summary>
public sealed class EdmDiffusionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void A_run_that_was_stopped_ends_with_the_same_bits(int step)
    {
        TorchRuntime.Threads = 1;
        using var folder = new TempFolder();
        var (whole, stopped) = (Directory.CreateDirectory(folder.File("whole")).FullName, Directory.CreateDirectory(folder.File("stopped")).FullName);
        var expected = ToyImages.Train(new GeneratorTrainer(ToyDiffusion.Settings, ToyImages.Set, 3), whole);
        using var stop = new CancellationTokenSource();
        var trainer = new GeneratorTrainer(ToyDiffusion.Settings, ToyImages.Set, 3)
        {
            Progress = progress =>
            {
                if (progress.Step == step)
                    stop.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() => trainer.Run(stopped, resume: false, stop.Token));
        Assert.Equal(expected, ToyImages.Train(new GeneratorTrainer(ToyDiffusion.Settings, ToyImages.Set, 3), stopped, resume: true));
    }

    // With fresh noise at every step and guidance, which doubles the batch.
    [Fact]
    public void Bytes_do_not_depend_on_how_a_set_is_cut_into_pieces()
    {
        using var model = ToyDiffusion.Model(ToyDiffusion.Settings);
        var before = TensorCount.Settled();
        var whole = Sample(0, 100);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.True(whole.Pixels.Distinct().Count() > 30);
        foreach (var (from, count) in new[] { (0, 64), (63, 2), (64, 36), (99, 1) })
            Assert.Equal(whole.Pixels.AsSpan(from * whole.ImageLength, count * whole.ImageLength).ToArray(), Sample(from, count).Pixels);

        ImageSet Sample(int from, int count) => new GeneratorSampler(model, 7, CPU).Sample(from, count);
    }

    [Fact]
    public void Fresh_noise_belongs_to_the_image_too()
    {
        using var model = ToyDiffusion.Model(ToyDiffusion.Settings);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (int, int)[] images = [(0, 0), (1, 0), (0, 1), (1, 1)];
        (int, int)[] others = [(0, 0), (0, 5), (1, 6), (1, 1)];
        var (all, some) = (Make(images), Make(others));
        Assert.True(all.select(0, 0).ValuesEqual(some.select(0, 0)));
        Assert.True(all.select(0, 3).ValuesEqual(some.select(0, 3)));
        Assert.False(all.select(0, 1).ValuesEqual(some.select(0, 1)));

        Tensor Make((int Class, int Number)[] wanted) =>
            model.Sample(torch.tensor(((long[])[.. wanted.Select(image => (long)image.Class)])), new SampleNoise(7, wanted, CPU));
    }

    // Every setting of the sampler changes the samples, so none is only written down.
    [Fact]
    public void Every_setting_of_the_sampler_matters_and_is_in_the_provenance()
    {
        var usual = new DiffusionSampling { Steps = 3, Churn = 1, Guidance = 2 };
        DiffusionSampling[] changed =
        [
            usual with { Steps = 4 }, usual with { SigmaMin = 0.2 }, usual with { SigmaMax = 20 }, usual with { Rho = 2 }, usual with { Churn = 0.5 },
            usual with { ChurnMin = 1 }, usual with { ChurnMax = 10 }, usual with { ChurnNoise = 1.5 }, usual with { Guidance = 1 },
        ];
        var (expected, text) = Sample(usual);
        foreach (var sampling in changed)
        {
            var (pixels, other) = Sample(sampling);
            Assert.NotEqual(expected, pixels);
            Assert.NotEqual(text, other);
        }

        static (byte[] Pixels, string Text) Sample(DiffusionSampling sampling)
        {
            using var model = ToyDiffusion.Model(ToyDiffusion.Settings with { Diffusion = ToyDiffusion.Settings.Diffusion with { Sampling = sampling } });
            return (new GeneratorSampler(model, 7, CPU).Sample(0, 4).Pixels, model.Sampler);
        }
    }

    // Each setting of training changes what two steps give.
    [Fact]
    public void Every_setting_of_training_matters()
    {
        var usual = ToyDiffusion.Settings.Diffusion with { Augment = [DiffusionAugmentation.Scale], Sampling = new DiffusionSampling { Steps = 3 } };
        DiffusionSettings[] changed =
        [
            usual with { Dropout = 0 }, usual with { ClassDropout = 0.9 }, usual with { LearningRate = 1e-3 }, usual with { WarmUpImages = 0 }, usual with { NoiseMean = 0 },
            usual with { NoiseStd = 0.5 }, usual with { SigmaData = 1 }, usual with { AugmentProbability = 1 }, usual with { Precision = DiffusionPrecision.Bf16 },
            usual with { Augment = [DiffusionAugmentation.FlipVertical] }, usual with { Blocks = 2 }, usual with { Channels = 8 }, usual with { Widths = [2] },
        ];
        var expected = Train(usual);
        Assert.Equal(expected, Train(usual));
        foreach (var settings in changed)
            Assert.NotEqual(expected, Train(settings));

        static byte[] Train(DiffusionSettings settings)
        {
            TorchRuntime.Threads = 1;
            using var folder = new TempFolder();
            var plan = ToyDiffusion.Settings.Plan with { Steps = 2, KeepSnapshots = [] };
            return ToyImages.Train(new GeneratorTrainer(ToyDiffusion.Settings with { Plan = plan, Diffusion = settings }, ToyImages.Set, 3), folder.Path);
        }
    }

    [Fact]
    public void The_count_of_tensors_is_flat_over_steps_and_the_same_after_the_run()
    {
        TorchRuntime.Threads = 1;
        using var folder = new TempFolder();
        var counts = new List<long>();
        var before = TensorCount.Settled();
        ToyImages.Train(new GeneratorTrainer(ToyDiffusion.Settings, ToyImages.Set, 3) { Progress = _ => counts.Add(TorchRuntime.LiveTensors) }, folder.Path);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        // Adam's state comes into being in the first step.
        Assert.Single(counts[1..].Distinct());
    }

    // F is zero at first and its target has unit variance at every noise level, where images have the deviation that the settings say.
    [Fact]
    public void The_loss_of_an_untrained_network_is_about_one()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var model = GeneratorTrainer.NewModel(
            ToyDiffusion.Settings with { Diffusion = new DiffusionSettings { Channels = 4, Widths = [1], Blocks = 1 } }, new GeneratorShape(1, 8, 8, 2), 3, CPU);
        var images = torch.randn([256, 1, 8, 8], generator: generator) * 0.5;
        var measures = model.Step(images, torch.zeros([256], dtype: ScalarType.Int64), 0, generator).ToArray<float>();
        Assert.InRange(measures[0], 0.93, 1.07);
        Assert.InRange(measures[1], 0.01, 0.25);
    }

    [Fact]
    public void Evaluations_are_counted()
    {
        using var model = ToyDiffusion.Model(ToyDiffusion.Settings with { Diffusion = ToyDiffusion.Settings.Diffusion with { Sampling = new DiffusionSampling { Steps = 5 } } });
        var evaluations = 0;
        model.Evaluated = time => evaluations += time > TimeSpan.Zero ? 1 : 100;
        new GeneratorSampler(model, 7, CPU).Sample(0, 1);
        Assert.Equal(9, evaluations);
    }

    [Fact]
    public void Settings_that_contradict_themselves_are_refused()
    {
        Assert.Contains("diffusion.widths is []", Refused(new DiffusionSettings { Widths = [] }), StringComparison.Ordinal);
        Assert.Contains("diffusion.widths is [1, 0]", Refused(new DiffusionSettings { Widths = [1, 0] }), StringComparison.Ordinal);
        Assert.Contains("sigma_min is 3 and sigma_max 2", Refused(new DiffusionSettings { Sampling = new DiffusionSampling { SigmaMin = 3, SigmaMax = 2 } }), StringComparison.Ordinal);

        static string Refused(DiffusionSettings settings) => Assert.Throws<DataException>(() => ToyDiffusion.Model(ToyDiffusion.Settings with { Diffusion = settings })).Message;
    }
}
