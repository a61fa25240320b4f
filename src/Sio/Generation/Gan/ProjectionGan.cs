using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Gan;

/// <summary>
/// A class-conditional GAN: projection discriminator (Miyato and Koyama 2018) with spectral normalisation (Miyato et al. 2018), hinge or non-saturating loss, R1 (Mescheder et al.
/// 2018) every few steps (Karras et al. 2020, "lazy"), differentiable augmentation (Zhao et al. 2020), Adam, and a moving average of the generator, which makes the samples.
/// </summary>
[CatalogEntry("gan", "projection-discriminator GAN, for CPUs", Paper = "Miyato & Koyama 2018")]
public sealed class ProjectionGan : GeneratorModel
{
    private readonly GenerationPlan _plan;
    private readonly GanSettings _settings;
    private readonly GanGenerator _generator;
    private readonly GanGenerator _average;
    private readonly ProjectionDiscriminator _discriminator;
    private readonly Adam _generatorOptimizer;
    private readonly Adam _discriminatorOptimizer;
    private readonly Tensor[] _discriminatorWeights;

    /// <summary>Makes the networks.</summary>
    /// <param name="shape">Images and classes.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="weights">Makes the initial weights, on the CPU.</param>
    /// <param name="device">Where it is trained.</param>
    public ProjectionGan(GeneratorShape shape, GeneratorSettings settings, Generator? weights, Device device)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_plan, _settings) = (settings.Plan, settings.Gan);
        _generator = new GanGenerator(shape, _settings, weights);
        _discriminator = new ProjectionDiscriminator(shape, _settings, weights);
        _average = new GanGenerator(shape, _settings, weights);
        MovingAverage.Copy(_average, _generator);
        foreach (var (_, network) in Networks)
            network.to(device);
        _generatorOptimizer = Optimizer(_generator, _settings.GeneratorLearningRate);
        _discriminatorOptimizer = Optimizer(_discriminator, _settings.DiscriminatorLearningRate);
        _discriminatorWeights = [.. _discriminator.parameters()];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, nn.Module Network)> Networks => [("generator", _generator), ("discriminator", _discriminator), ("average", _average)];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Optimizer Optimizer)> Optimizers => [("generator", _generatorOptimizer), ("discriminator", _discriminatorOptimizer)];

    /// <inheritdoc/>
    public override nn.Module Released => _average;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Measures { get; } = ["d_loss", "g_loss", "d_real", "d_fake", "r1"];

    /// <inheritdoc/>
    public override string Sampler => "one pass of the moving average of the generator";

    /// <inheritdoc/>
    public override int SampleBatch => 64;

    /// <inheritdoc/>
    public override bool CanCollapse => true;

    /// <inheritdoc/>
    public override Tensor Step(Tensor images, Tensor labels, long step, Generator random)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(random);
        var rate = LearningRate(step);
        _generatorOptimizer.LearningRate = rate * _settings.GeneratorLearningRate;
        _discriminatorOptimizer.LearningRate = rate * _settings.DiscriminatorLearningRate;
        using var scope = NewDisposeScope();
        var (discriminatorLoss, real, fake, r1) = StepDiscriminator(images, labels, step, random);
        var generatorLoss = StepGenerator(images.size(0), labels, random);
        MovingAverage.Update(_average, _generator, MovingAverage.Decay(_plan, step));
        return scope.MoveToOuter(torch.stack([discriminatorLoss, generatorLoss, real, fake, r1]));
    }

    /// <inheritdoc/>
    public override Tensor Sample(Tensor labels, SampleNoise noise)
    {
        ArgumentNullException.ThrowIfNull(noise);
        return _average.call(noise.Normal("latent", _settings.Latent), labels);
    }

    private Adam Optimizer(nn.Module network, double learningRate) =>
        new([new ParameterGroup([.. network.parameters()])], learningRate, _settings.Beta1, _settings.Beta2);

    // Constant over the first half, then a straight line to the final share.
    private double LearningRate(long step)
    {
        var late = Math.Max(0, (2.0 * step / _plan.Steps) - 1);
        return 1 - (late * (1 - _settings.FinalLearningRate));
    }

    private (Tensor Loss, Tensor Real, Tensor Fake, Tensor R1) StepDiscriminator(Tensor images, Tensor labels, long step, Generator random)
    {
        var count = images.size(0);
        Tensor fakes;
        using (no_grad())
            fakes = _generator.call(torch.randn([count, _settings.Latent], device: random.device, generator: random), labels);
        _discriminatorOptimizer.ZeroGrad();
        // Real and generated images in one pass: half the calls, and one power iteration for both.
        var seen = DifferentiableAugmentation.Apply(torch.cat([images, fakes]), _settings.Augment, random);
        var scores = _discriminator.call(seen, torch.cat([labels, labels]));
        var (real, fake) = (scores.narrow(0, 0, count), scores.narrow(0, count, count));
        var loss = GanLosses.Discriminator(_settings.Loss, real, fake);
        loss.backward();
        var penalty = torch.zeros([], device: images.device);
        if (_settings.R1Gamma > 0 && step % _settings.R1EverySteps == 0)
        {
            _discriminator.eval();
            penalty = GanLosses.R1(x => _discriminator.call(x, labels), seen.narrow(0, 0, count));
            (penalty * (_settings.R1Gamma / 2 * _settings.R1EverySteps)).backward();
            _discriminator.train();
        }

        _discriminatorOptimizer.Step();
        return (loss.detach(), real.detach().mean(), fake.detach().mean(), penalty.detach());
    }

    private Tensor StepGenerator(long count, Tensor labels, Generator random)
    {
        _generatorOptimizer.ZeroGrad();
        // The discriminator is only looked through: no gradients of its weights, no power iteration.
        Freeze(frozen: true);
        try
        {
            var fakes = _generator.call(torch.randn([count, _settings.Latent], device: random.device, generator: random), labels);
            var scores = _discriminator.call(DifferentiableAugmentation.Apply(fakes, _settings.Augment, random), labels);
            var loss = GanLosses.Generator(_settings.Loss, scores);
            loss.backward();
            _generatorOptimizer.Step();
            return loss.detach();
        }
        finally
        {
            Freeze(frozen: false);
        }
    }

    private void Freeze(bool frozen)
    {
        _discriminator.train(!frozen);
        foreach (var weight in _discriminatorWeights)
            weight.requires_grad = !frozen;
    }
}
