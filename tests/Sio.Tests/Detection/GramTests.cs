using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class GramTests
{
    // Predicts class 0 where the map's mean is positive, else class 1.
    private static ToyMapModel Model(params Func<Tensor, Tensor>[] stages) =>
        new(torch.tensor(new float[] { 1f, 1f, -1f, -1f }, [2, 2]), stages.Length > 0 ? stages : [x => x]) { Std = [1, 1] };

    // F = [[1,2],[3,4]]: F Fᵀ = [[5,11],[11,25]], rows 16 and 36. Third powers [[1,8],[27,64]]: rows 1·28 + 8·72 and 27·28 + 64·72.
    [Fact]
    public void Row_sums_of_the_Gram_matrices_by_hand()
    {
        using var scope = NewDisposeScope();
        var model = Model();
        using var one = model.Bank(ToyMapModel.Images(2, [1, 2, 3, 4]), [0]);
        using var gram = new Gram { Powers = [3, 1] };
        gram.Fit(model.Fit(one, one));
        foreach (var bound in new[] { "low0", "high0" })
            Assert.Equal([16, 36, MathF.Cbrt(604), MathF.Cbrt(5364)], gram.State.Tensor(bound).select(0, 0).ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-5f * b);
    }

    // Maps of two channels and two positions, [[a,0],[0,b]]: for p = 1 the rows are a², b², for p = 2 the roots of a⁴, b⁴, which is the same. In training a is 1 or 2
    // and b is 1: ranges [1,4] and [1,1]. Validation: a = 3 is (9 − 4)/4 above, twice: 2.5; a = 1 is within. E = 1.25.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_small_example(int stages)
    {
        using var scope = NewDisposeScope();

        // The second stage doubles the map: all its correlations and ranges are four times as large, its deviations the same.
        var model = stages == 1 ? Model() : Model(x => x, x => x * 2);
        using var train = model.Bank(ToyMapModel.Images(2, [1, 0, 0, 1], [2, 0, 0, 1]), [0, 0]);
        using var validation = model.Bank(ToyMapModel.Images(2, [3, 0, 0, 1], [1, 0, 0, 1]), [0, 0]);
        using var test = model.Bank(ToyMapModel.Images(2, [1.5f, 0, 0, 1], [3, 0, 0, 2], [0.5f, 0, 0, 1], [-3, 0, 0, -2]), new int[4]);
        using var gram = new Gram { Powers = [1, 2] };
        gram.Fit(model.Fit(train, validation));
        var scores = gram.Score(test);
        Assert.Equal(0, scores[0]);

        // a = 3, b = 2: ((9 − 4)/4 + (4 − 1)/1) for both orders.
        Assert.Equal(-stages * 8.5 / 1.25, scores[1], 1e-4);

        // a = ½: (1 − ¼)/1 below, for both orders.
        Assert.Equal(-stages * 1.5 / 1.25, scores[2], 1e-4);

        // Predicted as a class that no training image is predicted as, it is held to the range of all classes.
        Assert.Equal([0, 0, 0, 1], test.Predictions());
        Assert.Equal(scores[1], scores[3], 1e-4);
    }

    [Fact]
    public void The_range_is_that_of_the_predicted_class()
    {
        using var scope = NewDisposeScope();
        var model = Model();

        // True labels are the other way round: they do not matter.
        using var train = model.Bank(ToyMapModel.Images(2, [1, 0, 0, 1], [-2, 0, 0, -2]), [1, 0]);
        using var validation = model.Bank(ToyMapModel.Images(2, [2, 0, 0, 1]), [0]);
        using var test = model.Bank(ToyMapModel.Images(2, [2, 0, 0, 2], [-2, 0, 0, -2]), new int[2]);
        using var gram = new Gram { Powers = [1] };
        gram.Fit(model.Fit(train, validation));
        Assert.Equal([-2, 0], gram.Score(test), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void The_powers_change_the_scores()
    {
        using var network = ImageReference.Network();
        float[] Score(params string[] settings) => ReferenceScores.Of(network, "gram", settings);
        Assert.NotEqual(Score(), Score("gram.powers=[1]"));
        Assert.NotEqual(Score(), Score("gram.powers=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"));
    }

    [Fact]
    public void Constant_maps_are_scored_and_powers_that_make_no_sense_refused()
    {
        using var scope = NewDisposeScope();
        var model = Model();
        using var same = model.Bank(torch.ones([9, 2, 1, 2]), new int[9]);
        using var test = model.Bank(torch.zeros([2, 2, 1, 2]), new int[2]);
        using var gram = new Gram();
        gram.Fit(model.Fit(same, same));
        Assert.All(gram.Score(same), score => Assert.Equal(0, score));
        Assert.All(gram.Score(test), score => Assert.True(float.IsFinite(score) && score < 0));
        foreach (var powers in new int[][] { [], [0], [1, 21] })
        {
            using var wrong = new Gram { Powers = powers };
            Assert.Contains("from 1 to 20", Assert.Throws<DetectionException>(() => wrong.Fit(model.Fit(same, same))).Message, StringComparison.Ordinal);
        }
    }
}
