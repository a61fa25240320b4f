using Sio.Data;

namespace Sio.Tests.Data.Images;

/// <summary>Image files and what PIL makes of them, in <c>Fixtures/images</c>; the scripts beside them say how they were made.</summary>
internal static class ImageFixtures
{
    private static readonly IReadOnlyDictionary<string, NpyArray> s_decoding = Npz.Read(Path.Combine(Folder, "decoding.npz"));
    private static readonly IReadOnlyDictionary<string, NpyArray> s_formats = Npz.Read(Path.Combine(Folder, "formats.npz"));

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Fixtures", "images");

    public static string[] Files { get; } =
    [
        .. Directory.GetFiles(Folder).Where(path => Path.GetExtension(path) is ".jpg" or ".png" or ".webp" or ".gif" or ".bmp")
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
    ];

    /// <summary>What PIL's <c>convert</c> gives for a file: H×W×3 for <c>rgb</c>, H×W for <c>l</c>.</summary>
    public static NpyArray Expected(string name, string mode) =>
        s_formats.TryGetValue($"{name}.{mode}", out var array) ? array : s_decoding[$"{Path.GetFileNameWithoutExtension(name)}.{mode}"];

    public static IReadOnlyDictionary<string, NpyArray> Resizing { get; } = Npz.Read(Path.Combine(Folder, "resizing.npz"));

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    /// <summary>A picture whose values jump, and rise steeply in between; <c>make_resizing.py</c> draws the same.</summary>
    public static Picture Draw(int width, int height, int channels)
    {
        var pixels = new byte[width * height * channels];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < channels; c++)
                    pixels[(((y * width) + x) * channels) + c] = (byte)(((x * x * 3) + (y * y * 5) + (x * y * 7) + (c * 91)) >> 3);
        return new Picture(width, height, channels, pixels);
    }
}
