using System.Diagnostics;
using System.Globalization;
using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// A class-conditional diffusion model (EDM: Karras, Aittala, Aila and Laine 2022, "Elucidating the design space of diffusion-based generative models", arXiv 2206.00364): a
/// preconditioned U-Net that learns to remove noise of every strength from images, Adam, and a moving average, which makes the samples by Heun's method. Classes are withheld now
/// and then, so that samples can be guided (Ho and Salimans 2022).
/// </summary>
[CatalogEntry("diffusion", "EDM diffusion, for GPUs", Paper = "Karras et al. 2022")]
public sealed class EdmDiffusion : GeneratorModel
{
    private readonly GenerationPlan _plan;
    private readonly DiffusionSettings _settings;
    private readonly Preconditioning _preconditioning;
    private readonly ConditionedAugmentation _augmentation;
    private readonly HeunSampler _sampler;
    private readonly DenoisingNetwork _network;
    private readonly DenoisingNetwork _average;
    private readonly Adam _optimizer;

    /// <summary>Makes the networks.</summary>
    /// <param name="shape">Images and classes.</param>
    /// <param name="settings">How it is trained and sampled.</param>
    /// <param name="weights">Makes the initial weights, on the CPU.</param>
    /// <param name="device">Where it is trained.</param>
    /// <exception cref="Data.DataException">Settings contradict each other.</exception>
    public EdmDiffusion(GeneratorShape shape, GeneratorSettings settings, Generator? weights, Device device)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_plan, _settings) = (settings.Plan, settings.Diffusion);
        _settings.Check();
        _preconditioning = new Preconditioning(_settings.SigmaData);
        _augmentation = new ConditionedAugmentation(_settings.Augment, _settings.AugmentProbability);
        _sampler = new HeunSampler(_settings.Sampling);
        _network = new DenoisingNetwork(shape, _settings, weights);
        _average = new DenoisingNetwork(shape, _settings, weights);
        MovingAverage.Copy(_average, _network);
        foreach (var (_, network) in Networks)
            network.to(device);
        _optimizer = new Adam([new ParameterGroup([.. _network.parameters()])], _settings.LearningRate);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, nn.Module Network)> Networks => [("network", _network), ("average", _average)];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Optimizer Optimizer)> Optimizers => [("network", _optimizer)];

    /// <inheritdoc/>
    public override nn.Module Released => _average;

    /// <summary>The weighted loss, which stays near 1 at first; and the mean squared error of the denoised images.</summary>
    public override IReadOnlyList<string> Measures { get; } = ["loss", "error"];

    /// <inheritdoc/>
    public override string Sampler
    {
        get
        {
            var sampling = _settings.Sampling;
            var churn = sampling.Churn == 0
                ? "deterministic"
                : string.Create(CultureInfo.InvariantCulture, $"churn {sampling.Churn} from {sampling.ChurnMin} to {sampling.ChurnMax} with noise {sampling.ChurnNoise}");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"moving average, Heun's method, {sampling.Steps} steps from sigma {sampling.SigmaMax} to {sampling.SigmaMin}, rho {sampling.Rho}, {churn}, guidance {sampling.Guidance}");
        }
    }

    /// <inheritdoc/>
    public override int SampleBatch => 64;

    /// <summary>
    /// Is told how long each evaluation of the network took in <see cref="Sample"/>, for measurements; the thread's time, which on a GPU is that of the calls alone.
    /// </summary>
    public Action<TimeSpan>? Evaluated { get; set; }

    /// <inheritdoc/>
    public override Tensor Step(Tensor images, Tensor labels, long step, Generator random)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(random);
        using var scope = NewDisposeScope();
        _optimizer.LearningRate = _settings.LearningRate * WarmUp(step);
        _optimizer.ZeroGrad();
        var (clean, parameters) = _augmentation.Apply(images, random);
        var classes = Guidance.DropClasses(labels, Shape.Classes, _settings.ClassDropout, random);
        var sigma = NoiseLevels.Draw(images.size(0), _settings.NoiseMean, _settings.NoiseStd, random);
        var noisy = clean.addcmul(sigma, torch.randn(images.shape, device: random.device, generator: random), 1);
        _network.DropWith(random);
        Tensor denoised;
        try
        {
            denoised = _preconditioning.Denoise((input, noise) => _network.Forward(input, noise, classes, parameters), noisy, sigma);
        }
        finally
        {
            _network.DropWith(null);
        }

        var squared = (denoised - clean).square();
        var loss = (squared * _preconditioning.Weight(sigma)).mean();
        loss.backward();
        _optimizer.Step();
        MovingAverage.Update(_average, _network, MovingAverage.Decay(_plan, step));
        return scope.MoveToOuter(torch.stack([loss.detach(), squared.detach().mean()]));
    }

    /// <inheritdoc/>
    public override Tensor Sample(Tensor labels, SampleNoise noise)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(noise);
        using var scope = NewDisposeScope();
        long[] shape = [Shape.Channels, Shape.Height, Shape.Width];
        // Steps are added up in float64, as the paper's authors do: the network alone computes in less.
        var latent = noise.Normal("latent", shape).to(ScalarType.Float64);
        var images = _sampler.Run(
            (x, sigma) => Guidance.Denoise((noisy, classes) => Denoise(noisy, sigma, classes), x, labels, Shape.Classes, _settings.Sampling.Guidance),
            latent,
            step => noise.Normal(string.Create(CultureInfo.InvariantCulture, $"churn{step}"), shape));
        return scope.MoveToOuter(images.to(ScalarType.Float32));
    }

    private Tensor Denoise(Tensor x, double sigma, Tensor labels) => _preconditioning.Denoise(
        (input, noise) =>
        {
            var start = Stopwatch.GetTimestamp();
            var output = _average.Forward(input, torch.full([input.size(0)], noise, dtype: ScalarType.Float32, device: input.device), labels);
            Evaluated?.Invoke(Stopwatch.GetElapsedTime(start));
            return output;
        },
        x,
        sigma);

    private double WarmUp(long step) => _settings.WarmUpImages == 0 ? 1 : Math.Min(1, (step + 1.0) * _plan.BatchSize / _settings.WarmUpImages);
}
