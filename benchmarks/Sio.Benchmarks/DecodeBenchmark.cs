using System.Diagnostics;
using System.Globalization;
using Sio.Data;
using Sio.Data.Images;
using SkiaSharp;

namespace Sio.Benchmarks;

/// <summary>
/// JPEG files decoded, resized to 256 and cropped to 224, into memory and in batches as training and evaluation take them; and a folder of small PNG files, decoded and then taken from the cache. Beside the wall clock it tells the time that
/// processors spent, which other programs on the machine hardly change.
/// </summary>
internal static class DecodeBenchmark
{
    public static void Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("sio-bench-").FullName;
        try
        {
            var own = Stopclock.Text(args, "--folder", string.Empty);
            if (own.Length > 0)
            {
                Load("images", ImageListing.FromFolder(own), ImagePreparation.Square(224, 256), null, 1);
                return;
            }

            var threads = Stopclock.Option(args, "--threads", 2);
            Jpegs(Path.Combine(folder, "jpeg"), Stopclock.Option(args, "--jpegs", 300));
            StreamBenchmark.Run(Path.Combine(folder, "jpeg"), [1, threads]);
            if (Stopclock.Option(args, "--pngs", 60_000) is > 0 and var pngs)
                Pngs(Path.Combine(folder, "png"), pngs, threads, new ImageSetCache(Path.Combine(folder, "cache"), Console.Error.WriteLine));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>As large as the usual pictures of ImageNet: 500 × 375.</summary>
    private static void Jpegs(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(1);
        var bytes = 0L;
        for (var i = 0; i < count; i++)
        {
            var file = EncodeJpeg(Clouds(500, 375, random), quality: 92);
            bytes += file.Length;
            File.WriteAllBytes(Path.Combine(folder, $"{i}.jpg"), file);
        }

        Console.WriteLine($"{count} JPEG files of 500×375, {bytes / count / 1000} KB each");
        var listing = ImageListing.FromFolder(folder);
        Load("warm-up", listing, ImagePreparation.Square(224, 256), null, 1);
        foreach (var resampling in new[] { Resampling.Bilinear, Resampling.Bicubic })
            Load($"1 thread, {resampling}", listing, ImagePreparation.Square(224, 256) with { Resampling = resampling }, null, 1);
    }

    private static void Pngs(string folder, int count, int threads, ImageSetCache cache)
    {
        var random = new Random(2);
        for (var i = 0; i < count; i++)
        {
            var path = Path.Combine(folder, $"class-{i % 10}");
            Directory.CreateDirectory(path);
            File.WriteAllBytes(Path.Combine(path, $"{i}.png"), Png.Encode(Clouds(32, 32, random)));
        }

        Console.WriteLine($"{count} PNG files of 32×32");
        foreach (var what in new[] { $"{threads} threads", "from the cache", "from the cache" })
            Load(what, ImageListing.FromClassFolders(folder), new ImagePreparation(), cache, threads);
    }

    /// <summary>A line on a piece of work that began at a moment.</summary>
    /// <param name="what">The work.</param>
    /// <param name="images">How many images it took.</param>
    /// <param name="start">Timestamp.</param>
    /// <param name="before">The processors' time.</param>
    internal static string Report(string what, int images, long start, TimeSpan before)
    {
        var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var busy = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture, $"{what,-36} {wall,7:F2} s, {images / wall,8:F0} images/s; processors {busy,7:F2} s, {images / busy,8:F0} images/s; load {MachineLoad()}");
    }

    private static void Load(string what, ImageListing listing, ImagePreparation preparation, ImageSetCache? cache, int threads)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
        var set = ImageFolder.Load(listing, what, preparation, cache, threads);
        Console.WriteLine($"{Report(what, set.Count, start, before)}; hash {set.ContentHash[..12]}");
    }

    /// <summary>Noise on several scales, which packs about as well as photographs do.</summary>
    private static Picture Clouds(int width, int height, Random random)
    {
        var sum = new float[width * height * 3];
        var strength = 90f;
        for (var cell = 64; cell >= 1; cell /= 4, strength /= 1.5f)
        {
            var (w, h) = ((width / cell) + 2, (height / cell) + 2);
            var knots = new byte[w * h * 3];
            random.NextBytes(knots);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var (left, top, fx, fy) = (x / cell, y / cell, x % cell / (float)cell, y % cell / (float)cell);
                    for (var c = 0; c < 3; c++)
                    {
                        var at = (((top * w) + left) * 3) + c;
                        var above = knots[at] + (fx * (knots[at + 3] - knots[at]));
                        var below = knots[at + (w * 3)] + (fx * (knots[at + (w * 3) + 3] - knots[at + (w * 3)]));
                        sum[(((y * width) + x) * 3) + c] += strength * (((above + (fy * (below - above))) / 255) - 0.5f);
                    }
                }
            }
        }

        return new Picture(width, height, 3, [.. sum.Select(value => (byte)Math.Clamp(128 + value, 0, 255))]);
    }

    /// <summary>With chroma halved in both directions. The product itself has no use for it.</summary>
    private static unsafe byte[] EncodeJpeg(Picture picture, int quality)
    {
        // Skia takes four bytes per pixel.
        var rgba = new byte[picture.Width * picture.Height * 4];
        for (int from = 0, to = 0; to < rgba.Length; from += 3, to += 4)
            picture.Pixels.AsSpan(from, 3).CopyTo(rgba.AsSpan(to));
        fixed (byte* pixels = rgba)
        {
            var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            using var map = new SKPixmap(info, (nint)pixels);
            var options = new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore);
            using var file = map.Encode(options);
            return file?.ToArray() ?? throw new InvalidOperationException("SkiaSharp could not encode a picture.");
        }
    }

    private static string MachineLoad() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
