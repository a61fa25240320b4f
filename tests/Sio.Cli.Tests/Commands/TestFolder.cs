using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary>A temporary folder with a small data set in Fashion-MNIST's files, a synthetic set and a recipe. All made up, so that nothing is downloaded.</summary>
public sealed class TestFolder : IDisposable
{
    internal const int TrainPerClass = 30;
    internal const int TestPerClass = 6;
    private const int Size = 28;
    private static readonly int[] s_known = [0, 1, 2, 5, 7, 8];

    public TestFolder()
    {
        Directory.CreateDirectory(Data);
        WriteIdx("train", TrainPerClass, seed: 1);
        WriteIdx("t10k", TestPerClass, seed: 2);
        WriteSynthetic(Synthetic, [.. Enumerable.Range(0, 120).Select(i => (long)s_known[i % s_known.Length])]);
        File.WriteAllText(Recipe, Text());
    }

    internal string Root { get; } = Directory.CreateTempSubdirectory("sio-test-").FullName;

    internal string Data => At("data");

    internal string Synthetic => At("synthetic.npz");

    internal string Recipe => At("recipe.yml");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    internal string At(string name) => Path.Combine(Root, name);

    /// <summary>A recipe that trains in a second or two, with checkpoints every three steps.</summary>
    internal string Text(string extra = "") =>
        $"""
        name: small
        data:
          folder: '{Data}'
          noise_images: 20
        network:
          name: lenet
        threads: 1
        training:
          epochs: 4
          batch_size: 16
          learning_rate: 0.05
          padding: 2
          checkpoint_every_steps: 3
        evaluation:
          detectors: [msp, knn]
        {extra}
        """;

    internal static void WriteSynthetic(string path, long[] labels, int size = Size, int seed = 3)
    {
        var pixels = new byte[labels.Length * size * size];
        for (var i = 0; i < labels.Length; i++)
            Draw(pixels.AsSpan(i * size * size, size * size), size, (int)labels[i], RandomStream.For(seed, "test", i));
        Npz.Write(path, ("images", NpyArray.Create(pixels, labels.Length, size, size, 1)), ("labels", NpyArray.Create(labels)));
    }

    private void WriteIdx(string prefix, int perClass, int seed)
    {
        var count = 10 * perClass;
        var labels = new byte[count];
        var pixels = new byte[count * Size * Size];
        for (var i = 0; i < count; i++)
        {
            labels[i] = (byte)(i % 10);
            Draw(pixels.AsSpan(i * Size * Size, Size * Size), Size, labels[i], RandomStream.For(seed, "test", i));
        }

        File.WriteAllBytes(Path.Combine(Data, $"{prefix}-images-idx3-ubyte"), [0, 0, 8, 3, .. BigEndian(count), .. BigEndian(Size), .. BigEndian(Size), .. pixels]);
        File.WriteAllBytes(Path.Combine(Data, $"{prefix}-labels-idx1-ubyte"), [0, 0, 8, 1, .. BigEndian(count), .. labels]);
    }

    // Each class is a bright bar at a place of its own, in noise.
    private static void Draw(Span<byte> image, int size, int label, RandomStream random)
    {
        for (var i = 0; i < image.Length; i++)
            image[i] = (byte)((i / size / 3 == label % 9 ? 150 : 0) + random.NextInt(100));
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
