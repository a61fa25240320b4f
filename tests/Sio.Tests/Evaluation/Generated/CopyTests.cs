using Sio.Data;
using Sio.Engine;
using Sio.Evaluation;
using Sio.Evaluation.Generated;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Evaluation.Generated;

/// <summary>Nearest neighbours and the test for copies.</summary>
public sealed class CopyTests
{
    [Fact]
    public void Neighbours_are_those_of_all_pairs_and_copies_are_at_no_distance()
    {
        using var scope = NewDisposeScope();
        var bank = Points.Normal(2100, 3, seed: 1, offset: 50);
        var queries = torch.cat([Points.Normal(1100, 3, seed: 2, offset: 50), bank.narrow(0, 2080, 20)]);
        var found = NearestNeighbours.Among(queries, bank);
        var (b, q) = (bank.ToArray<float>(), queries.ToArray<float>());
        for (var i = 0; i < 1100; i += 11)
            Assert.Equal(Enumerable.Range(0, 2100).Min(j => Points.Distance(q, i, b, j, 3)), found.Distances[i], 4);
        for (var i = 0; i < 20; i++)
            Assert.Equal((2080 + i, 0.0), (found.Indices[1100 + i], found.Distances[1100 + i]));
    }

    [Fact]
    public void Images_are_compared_by_their_pixels_from_0_to_1()
    {
        var bank = new ImageSet("bank", [0, 0, 255, 255, 51, 0], [0, 0, 0], 1, 1, 2, 1);
        var queries = new ImageSet("queries", [255, 204, 51, 0], [0, 0], 1, 1, 2, 1);
        var before = TorchRuntime.LiveTensors;
        var found = NearestNeighbours.Among(queries, bank);
        Assert.Equal([1, 2], found.Indices);
        Assert.Equal(0.2, found.Distances[0], 6);
        Assert.Equal(0, found.Distances[1]);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Throws<ArgumentException>(() => NearestNeighbours.Among(queries, new ImageSet("other", [1], [0], 1, 1, 1, 1)));
        Assert.Throws<ArgumentException>(() => NearestNeighbours.Among(queries, bank.Select([])));
    }

    // Cell 0 copies, cell 1 underfits: over all, that cancels out; the mean of cells, weighted 3 : 1 by the held-out images, sees the larger one.
    [Fact]
    public void Cells_are_weighted_by_their_held_out_images()
    {
        double[] near = [.. Enumerable.Range(0, 10).Select(i => i / 100.0)], far = [.. Enumerable.Range(0, 10).Select(i => 9 + i)];
        double[] heldOut0 = [.. Enumerable.Range(0, 30).Select(i => 1 + (i / 30.0))], heldOut1 = [.. Enumerable.Range(0, 10).Select(i => 1 + (i / 10.0))];
        var test = CopyTest.Compute([.. near, .. far], Cells(10, 10), [.. heldOut0, .. heldOut1], Cells(30, 10), 2);
        var (z0, z1) = (MannWhitney.Compute(near, heldOut0).Z, MannWhitney.Compute(far, heldOut1).Z);
        Assert.Equal([z0, z1], test.PerCell);
        Assert.Equal(-150 / Math.Sqrt(10 * 30 * 41 / 12.0), z0, 12);
        Assert.Equal(((30 * z0) + (10 * z1)) / 40, test.C, 12);
        Assert.Equal(0, test.Z, 12);
    }

    [Fact]
    public void Small_cells_say_nothing()
    {
        double[] values = [.. Enumerable.Range(0, 10).Select(i => (double)i)];
        var test = CopyTest.Compute([.. values, 1], Cells(10, 1), [.. values, 2], Cells(10, 1), 2);
        Assert.True(double.IsNaN(test.PerCell[1]));
        Assert.Equal(test.PerCell[0], test.C);
        Assert.True(double.IsNaN(CopyTest.Compute([1], [0], [2], [0], 1).C));
        Assert.Throws<ArgumentException>(() => CopyTest.Compute([1], [1], [2], [0], 1));
        Assert.Throws<ArgumentException>(() => CopyTest.Compute([1], [0, 0], [2], [0], 1));
    }

    [Fact]
    public void Copies_are_found_and_honest_samples_are_not()
    {
        using var scope = NewDisposeScope();
        var (training, heldOut, honest) = (Points.Normal(500, 4, seed: 1), Points.Normal(300, 4, seed: 2), Points.Normal(300, 4, seed: 3));
        var copies = training.narrow(0, 0, 300) + Points.Normal(300, 4, seed: 4, scale: 0.01);
        var theirs = NearestNeighbours.Among(heldOut, training).Distances;
        Assert.InRange(Test(honest), -3, 3); // the least there can be is −15
        Assert.True(Test(copies) < -14);

        double Test(Tensor generated) => CopyTest.Compute(NearestNeighbours.Among(generated, training).Distances, Cells(150, 150), theirs, Cells(150, 150), 2).C;
    }

    private static int[] Cells(int first, int second) => [.. Enumerable.Repeat(0, first), .. Enumerable.Repeat(1, second)];
}
