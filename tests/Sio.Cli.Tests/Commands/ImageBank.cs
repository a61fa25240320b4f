using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary>
/// A folder as a user of Python leaves it: 40 images of each test set, features of the training and validation images, and the TorchScript model that made
/// them. The images and the scores that the original implementations gave them are those of the library's tests.
/// </summary>
internal sealed class ImageBank
{
    internal const string Mean = "0.4914,0.4822,0.4465";
    internal const string Std = "0.2470,0.2435,0.2616";
    internal static readonly string[] Splits = ["id", "near", "far"];

    private static readonly IReadOnlyDictionary<string, NpyArray> s_images = Npz.Read(Fixture("images.npz"));
    private static readonly IReadOnlyDictionary<string, NpyArray> s_features = Npz.Read(Fixture("posthoc.npz"));

    internal ImageBank(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(folder);
        foreach (var set in new[] { "train", "val" })
        {
            foreach (var part in new[] { "features", "logits", "labels" })
                Npy.Write(At($"{set}_{part}.npy"), s_features[$"{set}_{part}"]);
        }
    }

    /// <summary>The model: images → (logits, features).</summary>
    internal static string Model => Fixture("model.pt");

    /// <summary>Another TorchScript file of those of the library's tests.</summary>
    internal static string OtherModel(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", "models", name + ".pt");

    internal string Folder { get; }

    internal string At(string name) => Path.Combine(Folder, name);

    internal static float[] Scores(string row, string split) => s_images[$"{row}_{split}"].Elements<float>();

    /// <summary>Images as float32 (N,C,H,W), in the reference's naming; beside them labels and features of more images, as the reference has them.</summary>
    internal ImageBank Normalized()
    {
        float[] mean = [0.4914f, 0.4822f, 0.4465f], std = [0.2470f, 0.2435f, 0.2616f];
        foreach (var split in Splits)
        {
            var pixels = s_images[$"images_{split}"].Elements<byte>();
            var values = new float[pixels.Length];
            for (var i = 0; i < pixels.Length; i++)
            {
                var channel = i / 1024 % 3;
                values[i] = ((pixels[i] / 255f) - mean[channel]) / std[channel];
            }

            Npy.Write<float>(At($"images_{split}.npy"), values, 40, 3, 32, 32);
            Npy.Write<float>(At($"images_{split}_logits.npy"), new float[400], 40, 10);
            Npy.Write<float>(At($"images_scores_odin_{split}.npy"), new float[40], 40);
        }

        Npy.Write<long>(At("test_id_labels.npy"), new long[500]);
        return this;
    }

    /// <summary>Images as uint8 (N,H,W,C).</summary>
    internal ImageBank Raw()
    {
        foreach (var split in Splits)
        {
            var pixels = s_images[$"images_{split}"].Elements<byte>();
            var turned = new byte[pixels.Length];
            for (var i = 0; i < pixels.Length; i++)
                turned[(i / 3072 * 3072) + (i % 1024 * 3) + (i / 1024 % 3)] = pixels[i];
            Npy.Write<byte>(At($"test_{split}_images.npy"), turned, 40, 32, 32, 3);
        }

        return this;
    }

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "posthoc", name);
}
