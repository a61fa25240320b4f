using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>Weights of single synthetic images, as a file gives them.</summary>
public sealed class SyntheticWeightsTests
{
    [Fact]
    public void Their_mean_is_made_1()
    {
        using var folder = new TempFolder();
        Npy.Write(folder.File("weights.npy"), NpyArray.Create(new[] { 0f, 1f, 3f, 0f }));
        var weights = SyntheticWeights.Load(folder.File("weights.npy"), 4);
        Assert.Equal([0f, 1f, 3f, 0f], weights.Values);
        Npy.Write(folder.File("larger.npy"), NpyArray.Create(new[] { 0.0, 1e308, 1.5e308, 1e308 }));
        Assert.Equal([0f, 1.142857f, 1.714286f, 1.142857f], SyntheticWeights.Load(folder.File("larger.npy"), 4).Values.Select(value => MathF.Round(value, 6)));
        Assert.Equal(weights.ContentHash, new SyntheticWeights([0, 10, 30, 0], "tenfold").ContentHash);
        Assert.NotEqual(weights.ContentHash, new SyntheticWeights([0, 10, 31, 0], "other").ContentHash);
    }

    [Fact]
    public void What_are_no_weights_is_refused()
    {
        using var folder = new TempFolder();
        Refused("(3,), (4,) was expected", NpyArray.Create(new double[] { 1, 1, 1 }));
        Refused("(2, 2), (4,) was expected", NpyArray.Create(new double[4], 2, 2));
        Refused("weight of image 1 is NaN", NpyArray.Create(new[] { 1, double.NaN, 1, 1 }));
        Refused("weight of image 2 is -0.5", NpyArray.Create(new[] { 1f, 1f, -0.5f, 1f }));
        Refused("weight of image 0 is Infinity", NpyArray.Create(new[] { float.PositiveInfinity, 1, 1, 1 }));
        Refused("all weights are 0", NpyArray.Create(new float[4]));
        Refused("booleans", NpyArray.Create(new bool[4]));
        Assert.Contains("nowhere.npy", Assert.Throws<DataException>(() => SyntheticWeights.Load(folder.File("nowhere.npy"), 4)).Message, StringComparison.Ordinal);

        void Refused(string expected, NpyArray array)
        {
            Npy.Write(folder.File("weights.npy"), array);
            var message = Assert.Throws<DataException>(() => SyntheticWeights.Load(folder.File("weights.npy"), 4)).Message;
            Assert.Contains(expected, message, StringComparison.Ordinal);
            Assert.Contains("weights.npy", message, StringComparison.Ordinal);
        }
    }
}
