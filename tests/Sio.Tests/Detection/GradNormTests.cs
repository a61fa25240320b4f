using Sio.Detection;
using Sio.Detection.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class GradNormTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("gradnorm", "gradnorm", 3e-6);

    [Fact]
    public void Closed_form_is_the_gradient_s_norm()
    {
        using var scope = NewDisposeScope();
        using var bank = PosthocReference.Bank("far");
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var detector = new GradNorm();
        var scores = detector.Score(bank);
        for (var i = 0; i < 5; i++)
        {
            var weight = fit.HeadWeight.detach().clone();
            weight.requires_grad = true;
            nn.functional.linear(bank.Features.narrow(0, i, 1), weight, fit.HeadBias).log_softmax(1).sum().neg().backward();
            Assert.Equal(weight.grad!.abs().sum().ToDouble(), scores[i], 1e-4 * scores[i]);
        }
    }

    // p = (1/4, 3/4): |2/4 − 1| + |6/4 − 1| = 1, and ‖(1, −2, 0)‖₁ = 3; then equal logits, and no feature at all.
    [Fact]
    public void Values_follow_the_formula()
    {
        using var scope = NewDisposeScope();
        using var bank = new FeatureBank(
            "bank", torch.tensor(new float[] { 1, -2, 0, 1, 1, 1, 0, 0, 0 }, [3, 3]), torch.tensor(new float[] { 0, MathF.Log(3), 7, 7, 1e4f, -1e4f }, [3, 2]), [0, 0, 0]);
        var scores = new GradNorm().Score(bank);
        Assert.Equal(3, scores[0], 1e-6);
        Assert.Equal([0f, 0f], scores[1..]);
    }

    [Fact]
    public void A_single_image_with_more_classes_than_features_gets_a_score()
    {
        using var scope = NewDisposeScope();
        using var bank = new FeatureBank("bank", torch.tensor(new float[] { 2 }, [1, 1]), torch.tensor(new float[] { 1e4f, 0, 0, 0 }, [1, 4]), [0]);
        Assert.Equal(2 * (3 + 3), Assert.Single(new GradNorm().Score(bank)), 1e-5);
    }
}
