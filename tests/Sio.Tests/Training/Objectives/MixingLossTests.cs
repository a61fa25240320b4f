using Sio.Data;
using Sio.Engine;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>
/// The methods that mix images: the whole loss of a step, and its gradient, against the papers' equations written out. What a method draws is drawn again from a stream like the step's.
/// </summary>
public sealed class MixingLossTests
{
    private const int Count = 6, Height = 6, Width = 10, Classes = 3, Steps = 12;

    [Fact]
    public void Mixup_with_the_peers_share() => Check(() => new MixUp(), (batch, draws) => Blended(batch, draws, 0.2));

    [Fact]
    public void Mixup() => Check(() => new MixUp { Alpha = 3 }, (batch, draws) => Blended(batch, draws, 3));

    [Fact]
    public void Regmixup_with_the_papers_weight() =>
        Check(() => new RegMixUp(), (batch, draws) => batch.CrossEntropy(batch.Images, batch.Labels) + Blended(batch, draws, 20), ofBatch: true);

    [Fact]
    public void Regmixup() =>
        Check(() => new RegMixUp { Alpha = 0.7, Eta = 0.3 }, (batch, draws) => batch.CrossEntropy(batch.Images, batch.Labels) + (Blended(batch, draws, 0.7) * 0.3), ofBatch: true);

    [Fact]
    public void Cutmix_of_every_batch() => Check(() => new CutMix(), (batch, draws) => Cut(batch, draws, 1, 1));

    [Fact]
    public void Cutmix_of_some_batches()
    {
        const double probability = 0.4;
        Check(() => new CutMix { Beta = 2, CutmixProb = probability }, (batch, draws) => Cut(batch, draws, 2, probability));
        Assert.InRange(Enumerable.Range(1, Steps).Count(seed => RandomStream.For(seed, "test").NextDouble() < probability), 2, Steps - 2);
    }

    [Fact]
    public void Mixoe_with_the_peers_settings() => Check(() => new MixOe(), (batch, draws) => TowardsUniform(batch, draws.Beta(0.1, 1), draws, 1), ofBatch: true);

    [Theory]
    [InlineData(MixOperation.Cutmix)]
    [InlineData(MixOperation.Mixup)]
    public void Mixoe(MixOperation operation) => Check(
        () => new MixOe { MixOp = operation, Weight = 0.6, Alpha = 4, Beta = 1.5 },
        (batch, draws) => TowardsUniform(batch, draws.Beta(4, 1.5), operation == MixOperation.Cutmix ? draws : null, 0.6), ofBatch: true);

    // λ·CE(z̃, y) + (1 − λ)·CE(z̃, y′) with z̃ of λ·x + (1 − λ)·x′.
    private static Tensor Blended(Batch batch, RandomStream draws, double alpha)
    {
        var share = draws.Beta(alpha, alpha);
        var partners = Places(draws.Permutation(Count));
        var mixed = (batch.Images * share) + (batch.Images.index_select(0, partners) * (1 - share));
        return (batch.CrossEntropy(mixed, batch.Labels) * share) + (batch.CrossEntropy(mixed, batch.Labels.index_select(0, partners)) * (1 - share));
    }

    // The same with a box, or the batch as it is.
    private static Tensor Cut(Batch batch, RandomStream draws, double beta, double probability)
    {
        if (draws.NextDouble() >= probability)
            return batch.CrossEntropy(batch.Images, batch.Labels);
        var partners = Places(draws.Permutation(Count));
        var (mixed, share) = Pasted(batch.Images, batch.Images.index_select(0, partners), draws.Beta(beta, beta), draws);
        return (batch.CrossEntropy(mixed, batch.Labels) * share) + (batch.CrossEntropy(mixed, batch.Labels.index_select(0, partners)) * (1 - share));
    }

    // CE(z, y) + weight·[λ·CE(z̃, y) + (1 − λ)·CE(z̃, U)] with one auxiliary image after the other, again from the first on; a box where there are draws for its place.
    private static Tensor TowardsUniform(Batch batch, double share, RandomStream? draws, double weight)
    {
        var others = batch.Auxiliary.index_select(0, Places([0, 1, 2, 3, 0, 1]));
        var mixed = (batch.Images * share) + (others * (1 - share));
        if (draws is not null)
            (mixed, share) = Pasted(batch.Images, others, share, draws);
        var logits = batch.Logits(mixed);
        var fromUniform = (logits.logsumexp(1) - (logits.sum(1) / Classes)).mean();
        return batch.CrossEntropy(batch.Images, batch.Labels) + (((batch.CrossEntropy(mixed, batch.Labels) * share) + (fromUniform * (1 - share))) * weight);
    }

    private static (Tensor Images, double Share) Pasted(Tensor images, Tensor others, double share, RandomStream draws)
    {
        var (row, column) = (draws.NextInt(Height), draws.NextInt(Width));
        var side = Math.Sqrt(1 - share);
        int down = (int)(Height * side) / 2, across = (int)(Width * side) / 2;
        var (pixels, theirs, changed) = (images.ToArray<double>(), others.ToArray<double>(), 0);
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x) = (i / Width % Height, i % Width);
            if (y < row - down || y >= row + down || x < column - across || x >= column + across)
                continue;
            pixels[i] = theirs[i];
            changed++;
        }

        return (torch.tensor(pixels, [Count, 1, Height, Width]), 1 - (changed / (double)pixels.Length));
    }

    // Several steps, each with other draws: a share near 0 or 1 alone would tell little.
    private static void Check(Func<Objective> create, Func<Batch, RandomStream, Tensor> equation, bool ofBatch = false)
    {
        for (var seed = 1; seed <= Steps; seed++)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator(7, CPU);
            using var network = new PixelClassifier(Height * Width, Classes, Height);
            network.to(ScalarType.Float64);
            PixelClassifier.Set(network, "fc.weight", torch.randn([Classes, Height * Width], dtype: ScalarType.Float64, generator: generator) * 0.3);
            var objective = create();
            objective.Attach(network, generator);
            var batch = new Batch(
                torch.randn([Count, 1, Height, Width], dtype: ScalarType.Float64, generator: generator), torch.tensor(new long[] { 0L, 1, 2, 0, 2, 1 }, [Count]), torch.randn([4, 1, Height, Width], dtype: ScalarType.Float64, generator: generator),
                network.Head.weight.detach().clone(), network.Head.bias!.detach().clone());
            batch.Weight.requires_grad = true;
            var step = ToySteps.Of(Count, 4, network, batch.Images, batch.Labels, batch.Auxiliary, seed: seed);
            var (actual, expected) = (objective.Loss(step), equation(batch, RandomStream.For(seed, "test")));
            Assert.Equal(expected.ToDouble(), actual.Value.ToDouble(), 1e-10);
            actual.Value.backward();
            expected.backward();
            Assert.True((batch.Weight.grad! - network.Head.weight.grad!).abs().max().ToDouble() < 1e-10, $"gradient of step {seed}");

            // Accuracy is counted on the first rows: where images go through as they are, on these.
            if (ofBatch)
                Assert.True((batch.Logits(batch.Images) - actual.Logits.narrow(0, 0, Count)).abs().max().ToDouble() < 1e-10);
            step.Random.Dispose();
        }
    }

    private static Tensor Places(int[] places) => torch.tensor(Array.ConvertAll(places, place => (long)place), [places.Length]);

    private sealed record Batch(Tensor Images, Tensor Labels, Tensor Auxiliary, Tensor Weight, Tensor Bias)
    {
        internal Tensor Logits(Tensor images) => images.flatten(1).matmul(Weight.transpose(0, 1)) + Bias;

        internal Tensor CrossEntropy(Tensor images, Tensor labels)
        {
            var logits = Logits(images);
            return (logits.logsumexp(1) - logits.gather(1, labels.unsqueeze(1)).squeeze(1)).mean();
        }
    }
}
